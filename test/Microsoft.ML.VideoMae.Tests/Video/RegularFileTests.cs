// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.IO.Pipes;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video;

[TestClass]
public sealed class RegularFileTests
{
    private static readonly DateTime s_time = new(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    // Without links of its own: the folder for temporary files is a link on some systems.
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-links").FullName;

    [TestInitialize]
    public void SkipWindows()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Making links needs rights on Windows.");
    }

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [TestMethod]
    public void Of_File_TellsItsOwn()
    {
        string path = Write("a.mp4", 1234);
        Assert.AreEqual(new RegularFile(true, 1234, s_time, null), RegularFile.Of(path));
        Assert.IsNull(RegularFile.Of(path).Problem);
        Assert.AreEqual("it has no bytes.", RegularFile.Of(Write("empty.mp4", 0)).Problem);
        Assert.AreEqual("there is no such file.", RegularFile.Of(Path.Combine(_folder, "none.mp4")).Problem);
        Assert.IsFalse(RegularFile.Of(_folder).Exists, "a folder is no file");
    }

    [TestMethod]
    public void Of_LinkToALink_TellsOfTheFile()
    {
        string path = Write("a.mp4", 1234);
        string link = Link("b.mp4", Link("c.mp4", "./a.mp4"));
        Assert.AreEqual(new RegularFile(true, 1234, s_time, path), RegularFile.Of(link));
    }

    [TestMethod]
    public void Of_LinkBelowALinkedFolder_GoesAsTheSystemDoes()
    {
        // far/store/link -> ../a.mp4 is far/a.mp4, also by way of near -> far/store, where near/../a.mp4 looks like another file.
        string path = Write("far/a.mp4", 77);
        Write("a.mp4", 1);
        Directory.CreateDirectory(Path.Combine(_folder, "far", "store"));
        Link("far/store/link", "../a.mp4");
        Link("near", "far/store");
        Assert.AreEqual(new RegularFile(true, 77, s_time, path), RegularFile.Of(Path.Combine(_folder, "near", "link")));
    }

    [TestMethod]
    public void Of_LinkToNothingOrInACircle_DoesNotExist()
    {
        RegularFile dangling = RegularFile.Of(Link("d.mp4", "gone.mp4"));
        Assert.IsFalse(dangling.Exists);
        Assert.AreEqual("it is a link to 'gone.mp4', and there is no such file.", dangling.Problem);
        Link("e.mp4", "f.mp4");
        RegularFile circle = RegularFile.Of(Link("f.mp4", "e.mp4"));
        Assert.IsFalse(circle.Exists);
        Assert.AreEqual("it is a link to 'e.mp4', and there is no such file.", circle.Problem);
    }

    [TestMethod]
    public void Of_PipeWithoutAName_HasNoBytes()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("Only Linux shows the files of a process as links.");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        RegularFile file = RegularFile.Of($"/dev/fd/{pipe.SafePipeHandle.DangerousGetHandle()}");       // as <(program) is in a shell
        Assert.AreEqual((true, 0L), (file.Exists, file.Length));
        StringAssert.StartsWith(file.Problem, "it is a link to 'pipe:[");
        Assert.AreEqual(
            new RegularFile(true, 0, RegularFile.Of("/dev/null").WrittenUtc, "/dev/null"), RegularFile.Of(Link("null.mp4", "/dev/null")));
    }

    private string Write(string name, int length)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[length]);
        File.SetLastWriteTimeUtc(path, s_time);
        return path;
    }

    private string Link(string name, string target)
    {
        string path = Path.Combine(_folder, name);
        File.CreateSymbolicLink(path, target);
        return path;
    }
}
