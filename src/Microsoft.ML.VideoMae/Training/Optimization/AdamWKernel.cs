// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>One parameter of an AdamW step.</summary>
/// <param name="Parameter">Is changed.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="Average">The average of its gradients; is changed.</param>
/// <param name="Square">The average of their squares; is changed.</param>
internal readonly record struct AdamWRow(Tensor Parameter, Tensor Gradient, Tensor Average, Tensor Square);

/// <summary>The numbers of an AdamW step.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">The decay of the gradients' average.</param>
/// <param name="Beta2">The decay of their squares' average.</param>
/// <param name="Decay">The weight decay.</param>
/// <param name="Epsilon">Added to the root of the squares.</param>
internal readonly record struct AdamWNumbers(long Step, double Rate, double Beta1, double Beta2, double Decay, double Epsilon);

/// <summary>AdamW (Loshchilov and Hutter, 2019, arXiv:1711.05101), by libtorch's fused operator and by its ordinary ones.</summary>
internal static class AdamWKernel
{
    /// <summary>
    /// TorchSharp's own AdamW takes several operations a parameter; this operator is not bound, but TorchScript reaches it.
    /// </summary>
    private const string Script = """
        def adamw(params: List[Tensor], grads: List[Tensor], exp_avgs: List[Tensor], exp_avg_sqs: List[Tensor], steps: List[Tensor],
                  lr: float, beta1: float, beta2: float, weight_decay: float, eps: float):
            max_exp_avg_sqs: List[Tensor] = []
            torch._fused_adamw_(params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps, lr=lr, beta1=beta1, beta2=beta2,
                                weight_decay=weight_decay, eps=eps, amsgrad=False, maximize=False)
            return 0

        """;

    /// <summary>Kernels work in blocks with another loop for the rest: a number of values that is no multiple of a block.</summary>
    private const int CheckedValues = 37;
    private const int CheckedSteps = 2;
    private const double Tolerance = 1e-5;

    private static readonly Lazy<jit.CompilationUnit> s_fused = new(() => jit.compile(Script));

    /// <summary>Updates all rows in one pass over memory.</summary>
    public static void Fused(IReadOnlyList<AdamWRow> rows, AdamWNumbers numbers)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor step = KeptScalars.Filled([], numbers.Step, ScalarType.Float32).to(rows[0].Parameter.device);
        // Numbers that are handed over as such can be freed before they are read: see KeptScalars.
        using Scalar rate = KeptScalars.Make(numbers.Rate),
            decay = KeptScalars.Make(numbers.Decay);
        using Scalar beta1 = KeptScalars.Make(numbers.Beta1),
            beta2 = KeptScalars.Make(numbers.Beta2),
            epsilon = KeptScalars.Make(numbers.Epsilon);
        s_fused.Value.invoke(
            "adamw",
            rows.Select(r => r.Parameter).ToArray(),
            rows.Select(r => r.Gradient).ToArray(),
            rows.Select(r => r.Average).ToArray(),
            rows.Select(r => r.Square).ToArray(), Enumerable.Repeat(step, rows.Count).ToArray(), rate, beta1, beta2, decay, epsilon);
    }

    /// <summary>Updates row by row, several operations each.</summary>
    public static void Ordinary(IReadOnlyList<AdamWRow> rows, AdamWNumbers numbers)
    {
        double correction1 = 1 - Math.Pow(numbers.Beta1, numbers.Step), correction2 = 1 - Math.Pow(numbers.Beta2, numbers.Step);
        foreach (AdamWRow row in rows)
        {
            using DisposeScope scope = NewDisposeScope();
            row.Parameter.TimesInPlace(1 - numbers.Rate * numbers.Decay);
            row.Average.MoveTowards(row.Gradient, 1 - numbers.Beta1);
            row.Square.TimesInPlace(numbers.Beta2).PlusInPlace(row.Gradient.Squared().Times(1 - numbers.Beta2));
            Tensor root = row.Square.sqrt().OverInPlace(Math.Sqrt(correction2)).Plus(numbers.Epsilon);
            row.Parameter.PlusInPlace(row.Average.div(root).TimesInPlace(-numbers.Rate / correction1));
        }
    }

    /// <summary>Compares a fast kernel with <see cref="Ordinary"/>, for a few values of each parameter.</summary>
    /// <param name="parameters">What is to be trained.</param>
    /// <param name="kernel">The kernel.</param>
    /// <returns>Null where both agree; otherwise what a user has to be told.</returns>
    public static string? Check(IReadOnlyList<Tensor> parameters, Action<IReadOnlyList<AdamWRow>, AdamWNumbers> kernel)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        AdamWRow[] fused = Rows(parameters), ordinary = Rows(parameters);
        for (int step = 1; step <= CheckedSteps; step++)
        {
            var numbers = new AdamWNumbers(step, 1e-2, 0.9, 0.95, 0.05, 1e-8);
            kernel(fused, numbers);
            Ordinary(ordinary, numbers);
        }

        int wrong = fused.Zip(ordinary).Count(p => !Near(p.First.Parameter, p.Second.Parameter)
            || !Near(p.First.Average, p.Second.Average) || !Near(p.First.Square, p.Second.Square));
        return wrong == 0 ? null
            : $"libtorch's fused AdamW differs from its ordinary operators for {wrong} of {parameters.Count} parameters on this " +
                $"processor, {ProcessorInfo.Description}. "
                + "Ordinary operators take its place; steps take longer.";
    }

    private static bool Near(Tensor actual, Tensor expected) => actual.allclose(expected, Tolerance, Tolerance, equal_nan: true);

    private static AdamWRow[] Rows(IReadOnlyList<Tensor> parameters) => [.. parameters.Select(parameter =>
    {
        Tensor few = parameter.detach().flatten();
        few = few.narrow(0, 0, Math.Min(CheckedValues, few.shape[0])).clone();
        // Any gradient will do, as long as both get the same.
        return new AdamWRow(few, few.sin().Plus(0.1), zeros_like(few), zeros_like(few));
    })];
}
