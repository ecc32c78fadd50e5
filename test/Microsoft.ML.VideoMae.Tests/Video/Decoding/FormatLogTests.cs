// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

/// <summary>What ffmpeg's messages tell of the frames, in the forms of its versions.</summary>
[TestClass]
public sealed class FormatLogTests
{
    private const string Source41 = "[graph 0 input from stream 0:0 @ 0x1efa4b00] [verbose] w:{0} pixfmt:{1} tb:1/90000 fr:25/1 sar:{2} " +
        "sws_param:flags=2";
    private const string Source51 = "[graph 0 input from stream 0:0 @ 0x55acec4e5400] [verbose] w:{0} pixfmt:{1} tb:1/90000 fr:25/1 " +
        "sar:{2}";
    private const string Source71 = "[graph -1 input from stream 0:0 @ 0x7fc060010e00] [verbose] w:{0} pixfmt:{1} tb:1/1000 fr:25/1 " +
        "sar:{2} csp:unknown range:unknown";
    private const string Scale51 = "[Parsed_scale_1 @ 0x55acec4cd600] [verbose] w:{0} fmt:{1} sar:{2} -> w:64 h:64 fmt:rgb24 sar:1/1 " +
        "flags:0x0";
    private const string Scale71 = "[Parsed_scale_0 @ 0x7fc060001ec0] [verbose] w:{0} fmt:{1} csp:unknown range:unknown sar:{2} -> w:64 " +
        "h:48 fmt:rgb24 csp:gbr range:pc sar:1/1 flags:0x00000004";

    [TestMethod]
    [DataRow(Source41)]
    [DataRow(Source51)]
    [DataRow(Source71)]
    public void Add_FiltersBuiltTwice_TellsTheChange(string source)
    {
        FormatLog log = Log(
            string.Format(null, source, "64 h:64", "yuv420p", "0/1"), string.Format(null, source, "96 h:48", "yuv444p", "4/3"));
        Assert.AreEqual(2, log.Builds);
        Assert.AreEqual(new StreamFormat(64, 64, "yuv420p", "1/1"), log.Formats[0]);
        Assert.AreEqual(
            "The frames change on the way from 64x64 yuv420p to 96x48 yuv444p with pixels of 4:3; all are scaled to the size of the first.",
            log.DescribeChange(squares: true));
    }

    [TestMethod]
    [DataRow(Source51, Scale51)]
    [DataRow(Source71, Scale71)]
    public void Add_ShapeOfPixelsChanges_TellsTheChange(string source, string scale)
    {
        FormatLog log = Log(
            string.Format(null, source, "64 h:64", "yuv420p", "1/1"), string.Format(null, scale, "64 h:64", "yuv420p", "1/1"),
            string.Format(null, scale, "64 h:64", "yuv420p", "1/1"), string.Format(null, scale, "64 h:64", "yuv420p", "2/1"));
        Assert.AreEqual(1, log.Builds);
        Assert.AreEqual(
            "The frames change on the way from 64x64 yuv420p to 64x64 yuv420p with pixels of 2:1; all are scaled to the size of the first.",
            log.DescribeChange(squares: true));
        Assert.IsNull(log.DescribeChange(squares: false), "pixels are taken as they are");
    }

    [TestMethod]
    public void Add_BuiltTwiceForTheSame_TellsOfRotationOrColours()
    {
        FormatLog log = Log([.. Enumerable.Repeat(string.Format(null, Source51, "64 h:48", "yuv420p", "1/1"), 2)]);
        Assert.AreEqual(
            "The rotation or the colours of the frames (64x48 yuv420p) change on the way; all are scaled to the size of the first.",
            log.DescribeChange(squares: true));
    }

    [TestMethod]
    public void Add_ChangesWithoutEnd_KeepsTheFirst()
    {
        FormatLog log = Log([.. Enumerable.Range(0, 1000).Select(i => string.Format(null, Source51, $"{64 + i} h:48", "yuv420p", "1/1"))]);
        Assert.AreEqual((1000, 4), (log.Builds, log.Formats.Count));
        StringAssert.Contains(log.DescribeChange(squares: true), "to 67x48 yuv420p and so on;");
    }

    [TestMethod]
    public void Add_OneFormat_TellsNothing()
    {
        FormatLog log = Log(
            string.Format(null, Source51, "64 h:48", "yuv420p", "1/1"), string.Format(null, Scale51, "64 h:48", "yuv420p", "1/1"),
            "[scaler_out_0_0 @ 0x55] [verbose] w:96 h:96 fmt:yuv420p sar:3/1 -> w:64 h:64 fmt:rgb24 sar:1/1 flags:0x0");
        Assert.AreEqual(1, log.Builds);
        Assert.IsNull(log.DescribeChange(squares: true));
    }

    [TestMethod]
    public void ErrorLog_MessagesOfEveryLevel_KeepsErrors()
    {
        var log = new ErrorLog();
        log.Add("of a program that tells no level");
        log.Add("[info] Input #0, mpegts, from 'a.ts':");
        log.Add("  Duration: 00:00:06.80");
        log.Add("[swscaler @ 0x1] [swscaler @ 0x2] [warning] deprecated pixel format used");
        log.Add("[h264 @ 0x1] [error] non-existing PPS 0 referenced");
        log.Add("goes on");
        log.Add(string.Format(null, Source51, "64 h:48", "yuv420p", "1/1"));
        log.Add("[fatal] the end");
        CollectionAssert.AreEqual(
            (string[])
                ["of a program that tells no level", "[h264 @ 0x1] [error] non-existing PPS 0 referenced", "goes on", "[fatal] the end"],
            log.Lines.ToArray());
        Assert.AreEqual(1, log.Formats.Builds);
    }

    private static FormatLog Log(params string[] lines)
    {
        var log = new FormatLog();
        foreach (string line in lines)
            log.Add(line);
        return log;
    }
}
