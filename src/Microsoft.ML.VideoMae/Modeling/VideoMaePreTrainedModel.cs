// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling.Fast;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>What the three VideoMAE models have in common. Parameter names are those of Hugging Face's published checkpoints.</summary>
/// <remarks>
/// A model draws only from generators of its own: initialisation from the one given to its constructor, dropout in training from
/// <see cref="DropoutGenerator"/>. libtorch's global generator is never touched.
/// </remarks>
public abstract class VideoMaePreTrainedModel : ModelModule
{
    private ComputePrecision _precision;

    private protected VideoMaePreTrainedModel(
        string name, VideoMaeConfig config, Stochasticity? random, BackwardPass? backward = null) : base(name)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        Random = random ?? new Stochasticity(Initializer.Unseeded());
        WayBack = backward ?? new BackwardPass(Random);
    }

    /// <summary>The shape of the model.</summary>
    public VideoMaeConfig Config { get; }

    /// <summary>
    /// How attention is computed. The default value is <see cref="AttentionImplementation.Sdpa"/>; attention maps always use the explicit
    /// path.
    /// </summary>
    public AttentionImplementation AttentionImplementation { get; set; }

    /// <summary>The number of values in all parameters.</summary>
    public long ParameterCount => parameters().Sum(parameter => parameter.numel());

    /// <summary>
    /// What dropout and stochastic depth draw from in training. Replace it, or save and restore its state, to repeat a training run.
    /// The default is seeded from the generator of the initialisation.
    /// </summary>
    public Generator DropoutGenerator
    {
        get => Random.Generator;
        set => Random.Generator = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Stochastic depth in training: the probability of skipping a branch of a block, rising linearly from 0 at the first block to this
    /// at the last. The default value is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not at least 0 and below 1.</exception>
    public abstract double DropPathRate { get; set; }

    /// <summary>What became of every key of the checkpoint the model was loaded from; null where it was not loaded.</summary>
    public KeyReport? LoadReport { get; internal set; }

    /// <summary>
    /// What the card of the checkpoint says that the weights came from, its licence for one; nothing where it had no card, and null where
    /// the weights came from no checkpoint. A model that is trained on from them keeps it.
    /// </summary>
    public CheckpointCard? Source { get; internal set; }

    /// <summary>Which rows of a larger batch the clips of the next forward passes are; null where they are all.</summary>
    internal (int Total, long[] Own)? BatchRows
    {
        set => Random.Rows = value;
    }

    private protected Stochasticity Random { get; }

    private protected BackwardPass WayBack { get; }

    /// <summary>
    /// What multiplies in the linear layers of blocks: in training, and where no gradients are recorded. Null, the default, is libtorch, which
    /// also does what is asked for in another type than the parameters' own.
    /// </summary>
    internal CheckedProducts? Products
    {
        set => WayBack.Products = value is null ? null : new BlockProducts(WayBack, value);
    }

    /// <inheritdoc cref="BackwardPass.RecomputesAttention"/>
    internal bool RecomputesAttention
    {
        set => WayBack.RecomputesAttention = value;
    }

    /// <inheritdoc cref="BackwardPass.Completed"/>
    internal Action<TransformerBlock>? BlockCompleted
    {
        set => WayBack.Completed = value;
    }

    /// <summary>
    /// What products are computed with in forward and backward passes; parameters, gradients, sums and normalisation stay as they are. The
    /// default value is <see cref="ComputePrecision.Float32"/>: the type of the parameters.
    /// </summary>
    public ComputePrecision Precision
    {
        get => _precision;
        set
        {
            _precision = value;
            ComputeProductsIn(BFloat16Support.IsChosen(value) ? ScalarType.BFloat16 : null);
        }
    }

    /// <summary>
    /// Whether forward passes in training keep the input of every block only, and <see cref="Backward"/> computes the rest again: about a
    /// third more time for far less memory. The default value is false. A pass that is asked for hidden states or attention maps keeps
    /// everything.
    /// </summary>
    public bool ActivationCheckpointing
    {
        get => WayBack.IsCheckpointing;
        set => WayBack.IsCheckpointing = value;
    }

    /// <summary>
    /// Computes the gradients of the parameters; to be called in place of the loss's own <c>backward</c>, which stops where
    /// <see cref="ActivationCheckpointing"/>, <see cref="RecomputesAttention"/> or <see cref="BlockCompleted"/> has the graph begin anew.
    /// </summary>
    /// <param name="loss">
    /// The loss; every forward pass in training is to be followed by this call, or by <see cref="ForgetForward"/>.
    /// </param>
    internal void Backward(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        WayBack.Run(loss);
    }

    /// <summary>Forgets what is kept of a forward pass whose gradients nobody wants.</summary>
    internal void ForgetForward() => WayBack.Dispose();

    /// <summary>
    /// A model of the same parameters, whose memory is shared, that has gradients, dropout and a way back of its own: another thread can
    /// train with it at the same time. What is set on this model later is not set on the other one.
    /// </summary>
    internal VideoMaePreTrainedModel Replicate()
    {
        VideoMaePreTrainedModel replica = WithoutValues(CreateLikeThis);
        replica.ShareParameters(this);
        foreach ((PositionTable own, PositionTable other) in PositionTables.Zip(replica.PositionTables))
            other.ShareWith(own, parameters().First());
        foreach ((BlockStack own, BlockStack other) in modules().OfType<BlockStack>().Zip(replica.modules().OfType<BlockStack>()))
            other.Follow(own);
        replica.AttentionImplementation = AttentionImplementation;
        replica.Precision = Precision;
        replica.ActivationCheckpointing = ActivationCheckpointing;
        replica.RecomputesAttention = WayBack.RecomputesAttention;
        replica.Products = WayBack.Products?.Products;
        replica.train(training);
        return replica;
    }

    /// <summary>The positions of tokens, one for each kind.</summary>
    private protected virtual IEnumerable<PositionTable> PositionTables => modules().OfType<Embeddings>().Select(e => e.Positions);

    /// <summary>A model of the same shape, with the settings that only its class has; its parameters are not looked at.</summary>
    private protected abstract VideoMaePreTrainedModel CreateLikeThis();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            WayBack.Dispose();
        base.Dispose(disposing);
    }

    internal abstract ModelKind Kind { get; }

    /// <summary>Draws new initial weights: a truncated normal of <see cref="VideoMaeConfig.InitializerRange"/>, biases 0.</summary>
    /// <param name="generator">
    /// What they are drawn from; null draws from one seeded at random. Also seeds <see cref="DropoutGenerator"/> anew.
    /// </param>
    /// <param name="initScale">
    /// A factor for the weights of the classification head. The default value is 1; the original recipe uses 0.001.
    /// </param>
    public void InitWeights(Generator? generator = null, double initScale = 1)
    {
        generator ??= Initializer.Unseeded();
        Initializer.Initialize(this, Config, generator, initScale);
        Random.Generator = new Generator(Initializer.DrawSeed(generator));
    }

    /// <summary>Draws initial weights for some parameters and seeds dropout.</summary>
    internal void InitSome(IReadOnlyCollection<string> names, Generator? generator, double initScale)
    {
        generator ??= Initializer.Unseeded();
        HashSet<string> chosen = new(names, StringComparer.Ordinal);
        Initializer.Initialize(this, Config, generator, initScale, chosen.Contains);
        Random.Generator = new Generator(Initializer.DrawSeed(generator));
    }

    private protected static double CheckProbability(double value, string name) => value >= 0 && value < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be at least 0 and below 1.");
}
