// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>The checks that ML.NET's own test suite makes of every estimator.</summary>
internal static class EstimatorConformance
{
    /// <summary>
    /// Schema promised and delivered agree both ways, annotations included; invalid input is refused by all; a saved and loaded
    /// transformer gives the same schema and the same values.
    /// </summary>
    public static void Check(MLContext ml, IEstimator<ITransformer> estimator, IDataView valid, IDataView invalid)
    {
        SchemaShape promised = estimator.GetOutputSchema(SchemaShape.Create(valid.Schema));
        MustFail(() => estimator.GetOutputSchema(SchemaShape.Create(invalid.Schema)));
        MustFail(() => estimator.Fit(invalid));

        ITransformer transformer = estimator.Fit(valid);
        ITransformer loaded = SaveAndLoad(ml, transformer, valid.Schema);
        CheckData(transformer, loaded, valid);
        foreach (ITransformer t in (ITransformer[])[transformer, loaded])
        {
            MustFail(() => t.GetOutputSchema(invalid.Schema));
            MustFail(() => t.Transform(invalid));
        }

        CheckSameShape(promised, SchemaShape.Create(transformer.GetOutputSchema(valid.Schema)));
        (loaded as IDisposable)?.Dispose();
        (transformer as IDisposable)?.Dispose();
        (transformer as IDisposable)?.Dispose(); // A second time does nothing.
    }

    /// <summary>Saves a model and loads it into a context of its own.</summary>
    public static ITransformer SaveAndLoad(MLContext ml, ITransformer transformer, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(transformer, schema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out _);
    }

    /// <summary>Checks that two views hold the same columns, annotations and values.</summary>
    public static void CheckSameData(IDataView expected, IDataView actual)
    {
        CheckSameSchema(expected.Schema, actual.Schema);
        foreach (DataViewSchema.Column column in expected.Schema.Where(c => !c.IsHidden))
            CollectionAssert.AreEqual(Values(expected, column.Index), Values(actual, column.Index), column.Name);
    }

    private static void CheckData(ITransformer transformer, ITransformer loaded, IDataView data)
    {
        DataViewSchema schema = transformer.GetOutputSchema(data.Schema);
        Assert.IsTrue(transformer.IsRowToRowMapper);
        IRowToRowMapper mapper = transformer.GetRowToRowMapper(data.Schema);
        Assert.AreSame(data.Schema, mapper.InputSchema);
        CheckSameSchema(schema, mapper.OutputSchema);
        CheckSameSchema(schema, loaded.GetOutputSchema(data.Schema));
        CheckSameSchema(schema, transformer.Transform(data).Schema);
        CheckSameData(transformer.Transform(data), loaded.Transform(data));
    }

    private static string[] Values(IDataView data, int column)
    {
        DataDebuggerPreview preview = data.Preview(1000);
        return [.. preview.RowView.Select(row => Text(row.Values[column].Value))];
    }

    private static string Text(object? value)
    {
        if (value is null || value.GetType() is not { IsGenericType: true } type || type.GetGenericTypeDefinition() != typeof(VBuffer<>))
            return value?.ToString() ?? "";
        IEnumerable values = ((dynamic)value).DenseValues();
        return string.Join("|", values.Cast<object?>());
    }

    private static void CheckSameSchema(DataViewSchema expected, DataViewSchema actual)
    {
        Assert.HasCount(expected.Count, actual);
        foreach ((DataViewSchema.Column e, DataViewSchema.Column a) in expected.Zip(actual))
        {
            Assert.AreEqual(e.Name, a.Name);
            Assert.AreEqual(e.Type, a.Type, e.Name);
            CollectionAssert.AreEqual(Annotations(e), Annotations(a), e.Name);
        }
    }

    /// <summary>Name, type and value of every annotation of a column, such as slot names, key values and the kind of a score.</summary>
    private static string[] Annotations(DataViewSchema.Column column)
    {
        MethodInfo read = ((Func<DataViewSchema.Annotations, string, object?>)Annotation<int>).Method.GetGenericMethodDefinition();
        return [.. column.Annotations.Schema.OrderBy(a => a.Name)
            .Select(a => $"{a.Name}, {a.Type}: {Text(read.MakeGenericMethod(a.Type.RawType).Invoke(null, [column.Annotations, a.Name]))}")];
    }

    private static object? Annotation<T>(DataViewSchema.Annotations annotations, string name)
    {
        T value = default!;
        annotations.GetValue(name, ref value);
        return value;
    }

    private static void CheckSameShape(SchemaShape promised, SchemaShape delivered)
    {
        Assert.HasCount(promised.Count, delivered);
        foreach ((SchemaShape.Column p, SchemaShape.Column d) in promised.OrderBy(c => c.Name).Zip(delivered.OrderBy(c => c.Name)))
        {
            Assert.AreEqual(p.Name, d.Name);
            Assert.IsTrue(d.IsCompatibleWith(p), $"Column {p.Name} has something that was not promised.");
            Assert.IsTrue(p.IsCompatibleWith(d), $"Column {p.Name} lacks something that was promised.");
        }
    }

    private static void MustFail(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
        {
            Assert.IsTrue(e.IsMarked(), $"Not ML.NET's own exception: {e}");
            return;
        }

        Assert.Fail("Invalid input was accepted.");
    }
}
