// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>Damaged and malicious files: every one ends in a clear error or, where only values were changed, in values.</summary>
[TestClass]
public sealed class HostileFileTests
{
    private static readonly string[] s_files =
    [
        PathOf("tiny", "classification", "model.safetensors"),
        PathOf("tiny", "classification", "pytorch_model.bin"),
        PathOf("mcg", "finetune_use_cls_depth1_full_checkpoint.pth"),
        PathOf("mcg", "finetune_use_cls_depth1_legacy_serialization.pth"),
    ];

    private static IEnumerable<object[]> Files() => s_files.Select(file => new object[] { Path.GetRelativePath(PathOf(), file) });

    /// <summary>Reads everything a file holds; null means it was read, otherwise the message.</summary>
    private static string? Read(string file)
    {
        try
        {
            using var scope = NewDisposeScope();
            using CheckpointFile checkpoint = CheckpointFile.Open(file);
            foreach (StoredTensor tensor in checkpoint.Tensors.Values)
            {
                Assert.IsTrue(TensorShape.TryCount(tensor.Shape, out long count) && count < 1 << 24, tensor.ToString());
                CollectionAssert.AreEqual(tensor.Shape, tensor.Load().shape);
            }

            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            return exception.Message;
        }
    }

    private static string Refused(string file)
    {
        string? message = Read(file);
        Assert.IsNotNull(message, "It was read.");
        Assert.Contains(file, message);
        return message;
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void Truncated_IsRefused(string name)
    {
        using TemporaryFolder folder = new();
        byte[] whole = File.ReadAllBytes(PathOf(name));
        string file = folder.File("cut" + Path.GetExtension(name));
        IEnumerable<int> lengths = Enumerable
            .Range(0, 40)
            .Concat(Enumerable.Range(1, 60).Select(i => (int)((long)whole.Length * i / 61)))
            .Concat(Enumerable.Range(1, 40).Select(i => whole.Length - i));
        foreach (int length in lengths)
        {
            File.WriteAllBytes(file, whole[..length]);
            Assert.IsNotNull(Read(file), $"{length} of {whole.Length} bytes were read.");
        }

        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            File.WriteAllBytes(file, [.. whole, 0]);
            Assert.Contains("truncated or damaged", Refused(file));
        }
    }

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void FlippedBytes_NeverCrash(string name)
    {
        using TemporaryFolder folder = new();
        byte[] whole = File.ReadAllBytes(PathOf(name));
        string file = folder.File("flipped" + Path.GetExtension(name));
        Random random = new(17);
        int refused = 0;
        for (int i = 0; i < 250; i++)
        {
            byte[] damaged = [.. whole];
            // Most of it where the structure is: at the beginning and, in a zip, at the end.
            int area = i % 3 == 0 ? whole.Length : Math.Min(6000, whole.Length);
            int position = i % 5 == 0 ? whole.Length - 1 - random.Next(area) : random.Next(area);
            damaged[position] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, damaged);
            refused += Read(file) is null ? 0 : 1;
        }

        Assert.IsGreaterThan(20, refused);
    }

    [TestMethod]
    [DataRow("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "bytes do not hold")]
    [DataRow(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlaps")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gaps")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [DataRow("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "bytes do not hold")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""", 4, "truncated")]
    [DataRow("""{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4, "bytes do not hold")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "not as the format asks")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "data_offsets")]
    [DataRow("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}""", 4, "not as the format asks")]
    [DataRow("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "F8_E4M3")]
    [DataRow("""{"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}""", 4, "other than 0 and 1")]
    [DataRow("""{"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}}""", 4, "not as the format asks")]
    [DataRow("""{"a":{"shape":[1],"data_offsets":[0,4]}}""", 4, "not as the format asks")]
    [DataRow("""{"__metadata__":{"x":[1]}}""", 0, "metadata")]
    [DataRow("""[]""", 0, "not a JSON object")]
    [DataRow("""[[[[[[[[[[[[[[[[[[[[[[""", 0, "not as the format asks")]
    public void SafetensorsHeader_ThatLies_IsRefused(string header, int dataBytes, string expected)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("lies.safetensors");
        File.WriteAllBytes(file, Safetensors(header, [.. Enumerable.Repeat((byte)7, dataBytes)]));
        Assert.Contains(expected, Refused(file));
    }

    [TestMethod]
    public void SafetensorsHeader_OfAbsurdSize_IsRefusedBeforeAllocation()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("size.safetensors");
        foreach (ulong size in (ulong[])[ulong.MaxValue, 1UL << 62, 100_000_001, 60_000_000])
        {
            byte[] bytes = new byte[64];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, size);
            File.WriteAllBytes(file, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains("header would have", Refused(file));
            Assert.IsLessThan(10_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [TestMethod]
    public void StreamOfUnknownLength_WithALie_IsRefusedBeforeAllocation()
    {
        byte[] lie = Safetensors("""{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}""", [1, 2, 3, 4]);
        using MemoryStream packed = new();
        using (GZipStream zip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(lie);
        packed.Position = 0;
        using GZipStream stream = new(packed, CompressionMode.Decompress);
        Assert.Contains("it ends early", Assert.ThrowsExactly<InvalidDataException>(() => SafetensorsReader.Load(stream)).Message);
    }

    [TestMethod]
    [DataRow("cposix\nsystem\n(X\u0003\0\0\0id tR.", "posix.system")]
    [DataRow("cos\nsystem\n(X\u0002\0\0\0idtR.", "os.system")]
    [DataRow("cbuiltins\neval\n(X\u0001\0\0\0" + "1tR.", "builtins.eval")]
    [DataRow("c__builtin__\nexec\n.", "__builtin__.exec")]
    [DataRow("ctorch\nload\n.", "torch.load")]
    [DataRow("ctorch.serialization\nload\n.", "torch.serialization.load")]
    [DataRow("csubprocess\nPopen\n)\u0081.", "subprocess.Popen")]
    [DataRow("X\u0002\0\0\0osX\u0006\0\0\0system\u0093.", "os.system")]
    public void Pickle_ThatCalls_IsRefusedByName(string pickle, string name)
    {
        using TemporaryFolder folder = new();
        foreach (string file in PickleFiles(folder, "\u0080\u0002" + pickle))
        {
            string message = Refused(file);
            Assert.Contains($"'{name}'", message);
            Assert.Contains("nothing is ever executed", message);
        }
    }

    [TestMethod]
    [DataRow("")] // Nothing at all.
    [DataRow("0.")] // An empty stack.
    [DataRow("(.")] // A mark as the result.
    [DataRow("t.")] // No mark.
    [DataRow("h\u0005.")] // Never stored.
    [DataRow("X\u00ff\u00ff\u00ff\u00ff")] // A text of four gigabytes.
    [DataRow("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f")] // A text of nine exabytes.
    [DataRow("\u008b\u00ff\u00ff\u00ff\u007f")] // A number of two gigabytes.
    [DataRow("K\u0001K\u0001s.")] // An item in a number.
    [DataRow("]K\u0001K\u0002s.")] // An item in a list.
    [DataRow("K\u0001.")] // A number instead of weights.
    [DataRow("}.")] // No weights.
    [DataRow("}X\u0001\0\0\0aK\u0001s.")] // A number under a name.
    [DataRow("ccollections\nOrderedDict\n(K\u0001tR.")] // A dictionary of a number.
    [DataRow("ctorch._utils\n_rebuild_tensor_v2\n(K\u0001tR.")] // A tensor of a number.
    [DataRow("ctorch\nFloatStorage\n)R.")] // A storage that is called.
    [DataRow("K\u0001Q.")] // A persistent id that is a number.
    [DataRow("i")] // An instruction of old pickles.
    [DataRow("]q\0h\0a.")] // A list in itself.
    public void Pickle_ThatIsWrong_IsRefused(string pickle)
    {
        using TemporaryFolder folder = new();
        foreach (string file in PickleFiles(folder, "\u0080\u0002" + pickle))
            Refused(file);
    }

    [TestMethod]
    [DataRow(0L, 4L, 1L, 4L, null)]
    [DataRow(0L, 5L, 1L, 4L, "does not fit")]
    [DataRow(2L, 4L, 1L, 4L, "does not fit")]
    [DataRow(-1L, 1L, 1L, 4L, "does not fit")]
    [DataRow(0L, 2L, 4L, 4L, "does not fit")]
    [DataRow(0L, 1000000000L, 0L, 4L, "does not fit")]
    [DataRow(0L, 2L, -1L, 4L, "does not fit")]
    [DataRow(0L, -1L, 1L, 4L, "does not fit")]
    [DataRow(0L, 4L, 1L, 1000000L, "should hold 1000000 values")]
    [DataRow(0L, 4L, 1L, 4611686018427387905L, "should hold")]
    [DataRow(9223372036854775807L, 4L, 9223372036854775807L, 4L, "does not fit")]
    public void TorchTensor_BeyondItsStorage_IsRefused(long offset, long size, long stride, long count, string? expected)
    {
        using TemporaryFolder folder = new();
        string file = folder.File("tensor.pth");
        WriteZip(file, ("x/data.pkl", Tensor(offset, size, stride, count)), ("x/data/0", new byte[16]), ("x/version", "3"u8.ToArray()));
        if (expected is null)
            Assert.IsNull(Read(file));
        else
            Assert.Contains(expected, Refused(file));
    }

    [TestMethod]
    public void TorchZip_Oddities_AreRefused()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("odd.pth");
        byte[] good = Tensor(0, 4, 1, 4);
        void Check(string expected, params (string, byte[])[] entries)
        {
            File.Delete(file);
            WriteZip(file, entries);
            Assert.Contains(expected, Refused(file));
        }

        Check("no data.pkl", ("x/data/0", new byte[16]));
        Check("no data for the storage '0'", ("x/data.pkl", good));
        Check("TorchScript", ("x/data.pkl", good), ("x/data/0", new byte[16]), ("x/constants.pkl", []));
        Check("byte order", ("x/data.pkl", good), ("x/data/0", new byte[16]), ("x/byteorder", "big"u8.ToArray()));
        Check("twice", ("x/data.pkl", good), ("x/data.pkl", good));
        Check("has 15 bytes", ("x/data.pkl", good), ("x/data/0", new byte[15]));
    }

    [TestMethod]
    public void Bombs_AreBounded()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("bomb.pth");
        // Eight million empty lists, and a text of 80 MB, in a few kilobytes of zip.
        WriteZip(file, ("x/data.pkl", [0x80, 2, .. Enumerable.Repeat((byte)']', 8_000_000), (byte)'.']));
        Assert.Contains("instructions", Refused(file));
        File.Delete(file);
        byte[] text = new byte[80_000_000];
        (text[0], text[1], text[2]) = (0x80, 2, (byte)'X');
        BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan(3), text.Length - 8);
        WriteZip(file, ("x/data.pkl", text));
        Assert.Contains("more than there is", Refused(file));
    }

    [TestMethod]
    public void TrainingCheckpoint_OptimizerAndArguments_AreNotLookedAt()
    {
        using CheckpointFile file = CheckpointFile.Open(PathOf("mcg", "finetune_use_cls_depth1_full_checkpoint.pth"));
        using CheckpointFile weights = CheckpointFile.Open(PathOf("mcg", "finetune_use_cls_depth1.pth"));
        CollectionAssert.AreEquivalent(weights.Tensors.Keys.ToArray(), file.Tensors.Keys.ToArray());
    }

    [TestMethod]
    public void NotACheckpoint_IsRefused()
    {
        using TemporaryFolder folder = new();
        foreach (string content in (string[])["", "x", "<!DOCTYPE html><html>not found</html>", "version " +
            "https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"])
        {
            foreach (string name in (string[])["a.pth", "a.bin", "a.safetensors", "a.safetensors.index.json"])
            {
                File.WriteAllText(folder.File(name), content);
                Refused(folder.File(name));
            }
        }
    }

    private static byte[] Safetensors(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), size = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(size, (ulong)json.Length);
        return [.. size, .. json, .. data];
    }

    /// <summary>
    /// {'w': _rebuild_tensor_v2(('storage', FloatStorage, '0', 'cpu', count), offset, (size,), (stride,), False, OrderedDict())}
    /// </summary>
    private static byte[] Tensor(long offset, long size, long stride, long count)
    {
        using MemoryStream pickle = new();
        void Put(string text) => pickle.Write(Encoding.Latin1.GetBytes(text));
        void Name(string text) => Put($"X{(char)text.Length}\0\0\0{text}");
        void Number(long value)
        {
            byte[] bytes = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            Put("\u008a\u0008");
            pickle.Write(bytes);
        }

        Put("\u0080\u0002}");
        Name("w");
        Put("ctorch._utils\n_rebuild_tensor_v2\n((");
        Name("storage");
        Put("ctorch\nFloatStorage\n");
        Name("0");
        Name("cpu");
        Number(count);
        Put("tQ");
        Number(offset);
        Number(size);
        Put("\u0085");
        Number(stride);
        Put("\u0085\u0089ccollections\nOrderedDict\n)RtRs.");
        return pickle.ToArray();
    }

    /// <summary>The same pickle in the zip format and in the older one.</summary>
    private static string[] PickleFiles(TemporaryFolder folder, string text)
    {
        byte[] pickle = Encoding.Latin1.GetBytes(text);
        string zip = folder.File("zip.pth"), legacy = folder.File("legacy.pth");
        WriteZip(zip, ("x/data.pkl", pickle), ("x/version", "3"u8.ToArray()));
        byte[] whole = File.ReadAllBytes(s_files[3]);
        // The magic number, the version and the system's sizes come before the object.
        int begin = 0;
        for (int i = 0; i < 3; i++)
            begin = Array.IndexOf(whole, (byte)'.', begin) + 1;
        File.WriteAllBytes(legacy, [.. whole[..begin], .. pickle]);
        return [zip, legacy];
    }

    private static void WriteZip(string file, params (string Name, byte[] Content)[] entries)
    {
        using ZipArchive zip = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            using Stream stream = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
            stream.Write(content);
        }
    }
}
