// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests;

/// <summary>One block of the base model over the 1568 tokens of a clip, and the widest of its products alone.</summary>
public class EncoderBenchmarks
{
    private Tensor _tokens = null!;
    private Tensor _weight = null!;
    private Tensor _bias = null!;
    private VideoMaeForVideoClassification _model = null!;
    private TransformerBlock _block = null!;
    private FastBlock _fast = null!;

    /// <summary>Makes them.</summary>
    [GlobalSetup]
    public void Setup()
    {
        VideoMaeConfig config = VideoMaeConfig.Base with { NumHiddenLayers = 1 };
        _model = new VideoMaeForVideoClassification(config, new Generator(1));
        _model.eval();
        _block = _model.modules().OfType<TransformerBlock>().Single();
        Dictionary<nn.Module, string> names = _model.named_modules().ToDictionary(pair => pair.module, pair => pair.name);
        OperatorCheck? oneDnn = OneDnn.IsWorthwhile ? new OperatorCheck(System.Console.WriteLine) : null;
        _fast = new FastBlock(
            _block, names, config, ScalarType.Float32, oneDnn, AttentionProducts.ByHead(config, ScalarType.Float32, oneDnn));
        _tokens = randn([1, config.NumPatches, config.HiddenSize], generator: new Generator(2));
        Dictionary<string, Tensor> parameters = _block
            .Intermediate.named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter.detach());
        _weight = parameters["weight"];
        _bias = parameters["bias"];
    }

    /// <summary>768 to 3072 and gelu, by libtorch's ordinary operators.</summary>
    [Benchmark]
    public void LinearGelu()
    {
        using Scope scope = new();
        nn.functional.linear(_tokens, _weight, _bias).gelu();
    }

    /// <summary>The same by oneDNN.</summary>
    [Benchmark]
    public void LinearGeluByOneDnn()
    {
        using Scope scope = new();
        OneDnn.Linear(_tokens, _weight, _bias, gelu: true);
    }

    /// <summary>A block as it is trained.</summary>
    [Benchmark(Baseline = true)]
    public void Block()
    {
        using Scope scope = new();
        _block.Forward(_tokens, AttentionImplementation.Sdpa, outputAttentions: false);
    }

    /// <summary>A block as it scores; it may overwrite its input.</summary>
    [Benchmark]
    public void BlockForScoring()
    {
        using Scope scope = new();
        _fast.Forward(_tokens.clone());
    }

    /// <summary>A scope without gradients.</summary>
    private readonly struct Scope() : System.IDisposable
    {
        private readonly DisposeScope _scope = NewDisposeScope();
        private readonly System.IDisposable _noGrad = no_grad();

        public void Dispose()
        {
            _noGrad.Dispose();
            _scope.Dispose();
        }
    }
}
