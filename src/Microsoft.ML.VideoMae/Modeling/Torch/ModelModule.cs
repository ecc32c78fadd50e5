// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// A module whose parameters and children are registered by hand, under Hugging Face's names, so that the keys of its state are
/// those of published checkpoints whatever its fields are called.
/// </summary>
/// <remarks>Parameters are created here and not by TorchSharp's layers, whose constructors draw from the global random generator.</remarks>
public abstract class ModelModule : nn.Module
{
    [ThreadStatic]
    private static bool s_withoutValues;

    private protected ModelModule(string name) : base(name)
    {
    }

    /// <summary>Does nothing: reflection over fields would register everything a second time.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>
    /// Makes a module whose parameters have names, types and shapes, but no values: they live on the meta device. So the names and shapes
    /// of a model are known before anything is allocated for it; <see cref="Allocate"/> does that.
    /// </summary>
    /// <typeparam name="T">The module.</typeparam>
    /// <param name="create">Makes it, in the calling thread.</param>
    internal static T WithoutValues<T>(Func<T> create)
        where T : ModelModule
    {
        bool before = s_withoutValues;
        s_withoutValues = true;
        try
        {
            return create();
        }
        finally
        {
            s_withoutValues = before;
        }
    }

    /// <summary>
    /// Gives parameters without values memory on the CPU, whose content is anything: every one is to be loaded or initialised.
    /// </summary>
    internal void Allocate()
    {
        foreach ((string name, Parameter parameter) in named_parameters(recurse: false).ToArray())
        {
            if (parameter.device_type != DeviceType.META)
                continue;
            _internal_params[name] = new Parameter(empty(parameter.shape, parameter.dtype, CPU).DetachFromDisposeScope());
            parameter.Dispose();
        }

        foreach (ModelModule part in children().OfType<ModelModule>())
            part.Allocate();
    }

    /// <summary>
    /// Takes the parameters of a module of the same shape: values are shared, gradients are not, and what is frozen there is frozen here.
    /// </summary>
    private protected void ShareParameters(ModelModule other)
    {
        foreach ((string name, Parameter own) in named_parameters(recurse: false).ToArray())
        {
            Parameter shared = other._internal_params[name];
            _internal_params[name] = new Parameter(shared.detach().DetachFromDisposeScope(), shared.requires_grad);
            own.Dispose();
        }

        foreach ((ModelModule own, ModelModule its) in children().OfType<ModelModule>().Zip(other.children().OfType<ModelModule>()))
            own.ShareParameters(its);
    }

    /// <summary>Every part by itself, with its name in published checkpoints.</summary>
    internal IReadOnlyDictionary<nn.Module, string> PartNames() => named_modules().ToDictionary(part => part.module, part => part.name);

    /// <summary>A parameter filled with one value, until it is initialised or loaded.</summary>
    private protected void AddParameter(string name, double value, params long[] shape)
    {
        Tensor values = s_withoutValues ? empty(shape, ScalarType.Float32, META) : KeptScalars.Filled(shape, value, ScalarType.Float32);
        register_parameter(name, new Parameter(values.DetachFromDisposeScope()));
    }

    /// <summary>
    /// The type that products are computed in, where that is not the parameters' own: both factors are converted, the result stays in this
    /// type until it is added to something of the parameters' type. Null means the parameters' own.
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

    /// <summary>Registers a part.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="name">
    /// Its name in published checkpoints. What stands before a dot names a module that exists for its name alone.
    /// </param>
    /// <param name="part">The part.</param>
    private protected T Add<T>(string name, T part)
        where T : ModelModule
    {
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
            register_module(name, part);
        else
            Nest(name[..dot]).Add(name[(dot + 1)..], part);
        return part;
    }

    private ModelModule Nest(string name) =>
        named_children().FirstOrDefault(part => part.name == name).module as ModelModule ?? Add(name, new NameOnly(name));

    private sealed class NameOnly(string name) : ModelModule(name);
}
