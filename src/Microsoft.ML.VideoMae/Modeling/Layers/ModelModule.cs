// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>
/// A module whose parameters and children are registered by hand, under Hugging Face's names, so that the keys of its state are
/// those of published checkpoints whatever its fields are called.
/// </summary>
/// <remarks>Parameters are created here and not by TorchSharp's layers, whose constructors draw from the global random generator.</remarks>
public abstract class ModelModule : nn.Module
{
    private protected ModelModule(string name) : base(name)
    {
    }

    /// <summary>Does nothing: reflection over fields would register everything a second time.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>A parameter filled with one value, until it is initialised or loaded.</summary>
    private protected void AddParameter(string name, double value, params long[] shape) =>
        register_parameter(name, new Parameter(KeptScalars.Filled(shape, value, ScalarType.Float32).DetachFromDisposeScope()));

    /// <summary>
    /// The type that products are computed in, where that is not the parameters' own: both factors are converted, the result stays in this type until
    /// it is added to something of the parameters' type. Null means the parameters' own.
    /// </summary>
    private protected ScalarType? ProductType { get; private set; }

    /// <summary>Sets <see cref="ProductType"/> here and in all parts.</summary>
    private protected void ComputeProductsIn(ScalarType? type)
    {
        ProductType = type;
        foreach (nn.Module part in children())
            (part as ModelModule)?.ComputeProductsIn(type);
    }

    /// <summary>A factor of a product.</summary>
    private protected Tensor Factor(Tensor x) => ProductType is ScalarType type ? x.to(type) : x;

    /// <summary>The parameter as it is now: moving a module to another type or device replaces its parameters.</summary>
    private protected Parameter Get(string name) => _internal_params[name];

    private protected T Add<T>(string name, T module)
        where T : nn.Module
    {
        register_module(name, module);
        return module;
    }
}
