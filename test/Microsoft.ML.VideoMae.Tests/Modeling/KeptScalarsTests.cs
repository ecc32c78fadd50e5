// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

[TestClass]
public sealed class KeptScalarsTests
{
    /// <summary>Sums of tensors make a temporary Scalar inside of TorchSharp, though none is to be seen.</summary>
    private static readonly string[] s_hidden = ["add", "add_", "op_Addition"];

    [TestMethod]
    public void NoNumber_IsPassedToTensorsInAnotherWay() =>
        AssertNone(call => !call.Method.DeclaringType.FullName.Contains(nameof(KeptScalars)) && MakesScalars(call.Called));

    /// <summary>
    /// Inside, a number becomes a scalar where it is disposed of after the call, or is handed out for that, and sums name their factor.
    /// Collections at the wrong moment are too rare for a test to wait for.
    /// </summary>
    [TestMethod]
    public void KeptScalars_MakesNumbersOnlyWhereTheyAreKept() =>
        AssertNone(call => call.Method.DeclaringType.FullName.Contains(nameof(KeptScalars)) && MakesScalars(call.Called)
            && (call.Called.Name == "op_Implicit"
                ? !KeepsScalars(call.Method)
                : call.Called.Parameters.All(p => p.ParameterType.FullName != "TorchSharp.Scalar")));

    [TestMethod]
    public void Arithmetic_IsThatOfTheOperators()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new float[] { 1, -2, 3 }),
            y = tensor(new float[] { 4, 5, 6 });
        foreach ((Tensor expected, Tensor actual) in (ReadOnlySpan<(Tensor, Tensor)>)
                [(x + y, x.Plus(y)), (x + 2, x.Plus(2)), (x * 0.5, x.Times(0.5)), (x / 4, x.Over(4)), (x.pow(2), x.Squared()),
                    (x.clone().mul_(3), x.clone().TimesInPlace(3)), (x.clone().div_(3), x.clone().OverInPlace(3)),
                    (x.clone().fill_(7), x.clone().SetAll(7)), (x.clone().clamp_((Scalar)(-1), (Scalar)2), x.clone().ClampInPlace(-1, 2)),
                    (x + (y - x) * 0.25, x.clone().MoveTowards(y, 0.25)),
                    (full(new long[] { 3 }, 2.5), KeptScalars.Filled([3], 2.5, ScalarType.Float32)),
                    (arange(3), KeptScalars.Range(3, CPU))])
        {
            Assert.AreEqual(expected.dtype, actual.dtype);
            ReferenceData.AssertClose(expected, actual, "result", 0);
        }

        CollectionAssert.AreEqual(new[] { false, false, true }, x.IsAbove(1).data<bool>().ToArray());
        CollectionAssert.AreEqual(new[] { true, false, false }, x.Is(1).data<bool>().ToArray());
    }

    [TestMethod]
    public void Sums_SurviveGarbageCollections()
    {
        using var stop = new CancellationTokenSource();
        Task collector = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
                GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        });
        using Tensor x = ones(64);
        var wrong = new List<string>();
        for (int i = 0; i < 500; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            double number = 0.5 + i;
            float[] values = x.Plus(x).Times(number).Plus(1).data<float>().ToArray();
            if (values.Any(value => value != (float)((2 * number) + 1)))
                wrong.Add($"{number}: {string.Join(" ", values.Distinct())}");
        }

        stop.Cancel();
        collector.Wait();
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    private static void AssertNone(Func<(MethodDefinition Method, MethodReference Called), bool> isWrong)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(VideoMaeModel).Assembly.Location);
        string[] found = [.. from type in AllTypes(assembly.MainModule.Types)
                             from method in type.Methods
                             where method.HasBody
                             from instruction in method.Body.Instructions
                             where instruction.OpCode.FlowControl == FlowControl.Call && instruction.Operand is MethodReference
                             let called = (MethodReference)instruction.Operand
                             where isWrong((method, called))
                             select $"{type.FullName}.{method.Name} calls " +
                                 $"{called.Name}({string.Join(", ", called.Parameters.Select(p => p.ParameterType.Name))})"];
        Assert.IsEmpty(found, string.Join(Environment.NewLine, found));
    }

    private static bool KeepsScalars(MethodDefinition method) => method.Name is nameof(KeptScalars.Make) or ".cctor"
        || method.Name == "With" && method.Body.ExceptionHandlers.Any(handler => handler.HandlerType == ExceptionHandlerType.Finally);

    private static bool MakesScalars(MethodReference called)
    {
        bool isTorch = called.DeclaringType.FullName.StartsWith("TorchSharp.", StringComparison.Ordinal);
        return isTorch
            && (called.Parameters.Any(p => p.ParameterType.FullName is "TorchSharp.Scalar" or "System.Nullable`1<TorchSharp.Scalar>")
                || called.Name == "op_Implicit" && called.ReturnType.FullName == "TorchSharp.Scalar"
                || s_hidden.Contains(called.Name) && called.DeclaringType.Name == "Tensor"
                || called.Name.StartsWith("op_", StringComparison.Ordinal) && called.Parameters.Any(p => p.ParameterType.IsPrimitive));
    }

    private static IEnumerable<TypeDefinition> AllTypes(IEnumerable<TypeDefinition> types) =>
        types.SelectMany(t => AllTypes(t.NestedTypes).Prepend(t));
}
