// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Data.IO;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>The classes of a label column: how many, their key values of whatever type, and their names.</summary>
internal abstract class ClassLabels
{
    private protected ClassLabels(int count, string[] names)
    {
        Count = count;
        Names = names;
    }

    /// <summary>The number of classes, which is the number of keys, not of keys seen.</summary>
    public int Count { get; }

    /// <summary>The name of every class: its key value as text, or its index where the keys have no values.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The type of the key values; null where the keys have none.</summary>
    public abstract VectorDataViewType? ValuesType { get; }

    /// <summary>Reads the classes from a label column, which has to be a key column.</summary>
    public static ClassLabels FromColumn(IExceptionContext context, DataViewSchema.Column column)
    {
        ulong count = ((KeyDataViewType)column.Type).Count;
        context.Check(count <= int.MaxValue, $"Label column '{column.Name}' has {count} keys, which is more than a classifier can have.");
        int classes = (int)count;
        DataViewSchema.Column? values = column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues);
        if (values is not { Type: VectorDataViewType type } || type.Size != classes)
            return new Unnamed(classes);
        return Create(type.ItemType.RawType, column.Annotations, values.Value);
    }

    /// <summary>Classes with names.</summary>
    public static ClassLabels FromNames(IReadOnlyList<string> names)
    {
        var values = new ReadOnlyMemory<char>[names.Count];
        for (int i = 0; i < values.Length; i++)
            values[i] = names[i].AsMemory();
        return new Named<ReadOnlyMemory<char>>(
            new VectorDataViewType(TextDataViewType.Instance, values.Length), new VBuffer<ReadOnlyMemory<char>>(values.Length, values));
    }

    /// <summary>The classes that a checkpoint names. Where some share a name, their numbers tell them apart, with a warning.</summary>
    public static ClassLabels FromConfig(VideoMaeConfig config, IChannel channel)
    {
        string[] names = [.. Enumerable.Range(0, config.NumLabels)
            .Select(i => config.Id2Label?.GetValueOrDefault(i) ?? i.ToString(CultureInfo.InvariantCulture))];
        HashSet<string> shared = [.. names.GroupBy(name => name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];
        if (shared.Count == 0)
            return FromNames(names);
        string Numbered(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name} ({index})");
        string first = shared.First();
        channel.Warning($"{names.Count(shared.Contains)} classes share {shared.Count} names, such as '{first}': " +
            $"the number of the class is added to each, as in '{Numbered(first, Array.IndexOf(names, first))}'.");
        return FromNames([.. names.Select((name, i) => shared.Contains(name) ? Numbered(name, i) : name)]);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static ClassLabels Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        int count = ctx.Reader.ReadInt32();
        env.CheckDecode(count > 0);
        if (!ctx.Reader.ReadBoolByte())
            return new Unnamed(count);
        var saver = new BinarySaver(env, new BinarySaver.Arguments());
        env.CheckDecode(saver.TryLoadTypeAndValue(ctx.Reader.BaseStream, out DataViewType type, out object value));
        env.CheckDecode(type is VectorDataViewType vector && vector.Size == count);
        return Create(((VectorDataViewType)type).ItemType.RawType, (VectorDataViewType)type, value);
    }

    /// <summary>Writes the classes into the main stream of a model.</summary>
    public void Save(IHostEnvironment env, ModelSaveContext ctx)
    {
        // *** Binary format ***
        // int: number of classes
        // byte: whether the keys have values
        // if so: their type and values, as BinarySaver writes them
        ctx.Writer.Write(Count);
        ctx.Writer.WriteBoolByte(ValuesType is not null);
        SaveValues(env, ctx);
    }

    /// <summary>Adds the key values to an output column under the given kind; nothing where there are none.</summary>
    public abstract void AddValues(DataViewSchema.Annotations.Builder builder, string kind);

    /// <summary>Adds the class names as slot names, which evaluators and users look for, whatever type the key values have.</summary>
    public void AddSlotNames(DataViewSchema.Annotations.Builder builder)
    {
        var names = new ReadOnlyMemory<char>[Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = Names[i].AsMemory();
        builder.Add(AnnotationUtils.Kinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, Count),
            (ref VBuffer<ReadOnlyMemory<char>> dst) => new VBuffer<ReadOnlyMemory<char>>(names.Length, names).CopyTo(ref dst));
    }

    private protected abstract void SaveValues(IHostEnvironment env, ModelSaveContext ctx);

    private static ClassLabels Create(Type itemType, params object[] arguments) =>
        (ClassLabels)Activator.CreateInstance(typeof(Named<>).MakeGenericType(itemType), arguments)!;

    private sealed class Unnamed(int count) : ClassLabels(count, MakeNames(count))
    {
        public override VectorDataViewType? ValuesType => null;

        public override void AddValues(DataViewSchema.Annotations.Builder builder, string kind)
        {
        }

        private protected override void SaveValues(IHostEnvironment env, ModelSaveContext ctx)
        {
        }

        private static string[] MakeNames(int count)
        {
            var names = new string[count];
            for (int i = 0; i < count; i++)
                names[i] = i.ToString(CultureInfo.InvariantCulture);
            return names;
        }
    }

    private sealed class Named<T> : ClassLabels
    {
        private readonly VBuffer<T> _values;

        public Named(VectorDataViewType type, object values)
            : base(type.Size, MakeNames((VBuffer<T>)values))
        {
            ValuesType = type;
            _values = (VBuffer<T>)values;
        }

        public Named(DataViewSchema.Annotations annotations, DataViewSchema.Column column)
            : this((VectorDataViewType)column.Type, Read(annotations, column))
        {
        }

        public override VectorDataViewType ValuesType { get; }

        public override void AddValues(DataViewSchema.Annotations.Builder builder, string kind) =>
            builder.Add(kind, ValuesType, (ref VBuffer<T> dst) => _values.CopyTo(ref dst));

        private protected override void SaveValues(IHostEnvironment env, ModelSaveContext ctx)
        {
            var saver = new BinarySaver(env, new BinarySaver.Arguments());
            VBuffer<T> values = _values;
            if (!saver.TryWriteTypeAndValue(ctx.Writer.BaseStream, ValuesType, ref values, out _))
                throw env.Except($"Class names of type '{ValuesType.ItemType}' cannot be saved; use MapValueToKey on a text or number " +
                    "column.");
        }

        private static object Read(DataViewSchema.Annotations annotations, DataViewSchema.Column column)
        {
            VBuffer<T> values = default;
            annotations.GetValue(column.Name, ref values);
            return values;
        }

        private static string[] MakeNames(VBuffer<T> values)
        {
            var names = new string[values.Length];
            int i = 0;
            foreach (T value in values.DenseValues())
                names[i++] = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            return names;
        }
    }
}
