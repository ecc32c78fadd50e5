// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Loading;

namespace Microsoft.ML;

/// <summary>The extension methods that bring videos and VideoMAE into an <see cref="MLContext"/>.</summary>
public static partial class VideoMaeCatalog
{
    /// <summary>Lists the videos of a folder that has one folder per class.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The folder. Every folder in it is a class; videos (<see cref="VideoFiles"/>) are found at any depth below, and a folder of pictures
    /// without videos is one clip. Where folders in it are called train, val (or valid, validation, dev) or
    /// test and hold class folders, they are the parts of the data set.
    /// </param>
    /// <returns>
    /// Data with the text columns VideoPath (a full path) and Label (the name of the class folder), and, where there are parts, Split
    /// (train, validation or test), in natural order. <see cref="TakeVideoSplits"/> takes the parts. One warning counts and names what is
    /// left out: videos in no class folder, empty files, broken links, other files, folders without videos or that cannot be listed.
    /// </returns>
    /// <exception cref="System.IO.DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidOperationException">
    /// It holds no videos in class folders, or it cannot be told whether a folder is a class or a part.
    /// </exception>
    public static IDataView LoadVideosFromDirectory(this DataOperationsCatalog catalog, string path) =>
        VideoDirectory.Load(CatalogUtils.GetEnvironment(catalog), path);

    /// <summary>Lists the videos of a folder without labels, for pre-training, validation and scoring.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The folder. Videos are files of <see cref="VideoFiles.Extensions"/>; a folder of pictures without videos is one clip.
    /// </param>
    /// <param name="includeSubfolders">
    /// Whether videos are found at any depth below; if not, folders in it are only looked at to find clips of pictures.
    /// </param>
    /// <returns>
    /// Data with the text column VideoPath (a full path), in natural order. One warning counts and names what is left out.
    /// </returns>
    /// <exception cref="System.IO.DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="InvalidOperationException">It holds no videos.</exception>
    public static IDataView LoadUnlabeledVideosFromDirectory(this DataOperationsCatalog catalog, string path,
        bool includeSubfolders = true) =>
        VideoDirectory.LoadUnlabeled(CatalogUtils.GetEnvironment(catalog), path, includeSubfolders);

    /// <summary>Videos that a program makes up, row by row, while they are read: shapes and figures whose motion is known.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="count">The number of videos; any is possible, since none is kept.</param>
    /// <param name="seed">The seed: another one gives other videos.</param>
    /// <param name="numberOfFrames">The frames of a video, a multiple of 4.</param>
    /// <param name="frameSize">The height and width of a frame in pixels, a multiple of 4.</param>
    /// <returns>
    /// Data with the columns Video, and Displacement: how far what is seen in each cell of 4 frames and 4x4 pixels moves.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range; the message says what is allowed.</exception>
    public static GeneratedVideos GenerateVideos(
        this DataOperationsCatalog catalog, long count, int seed = 1, int numberOfFrames = 16,
        int frameSize = 64) => new(CatalogUtils.GetEnvironment(catalog), count, seed, numberOfFrames, frameSize);

    /// <summary>Reads a list of videos from a text file. How it is laid out is found out where it is not said, and logged.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="path">
    /// The list. Relative paths in it start from its folder; fields may stand in quotes;
    /// empty lines, and lines that begin with #, are left out.
    /// </param>
    /// <param name="pathColumnName">
    /// The column of the paths: its name whatever the case, or its number from 1. For "path", VideoPath is taken too.
    /// </param>
    /// <param name="labelColumnName">
    /// The column of the labels: its name whatever the case, or its number from 1; null for a list without labels.
    /// </param>
    /// <param name="separator">What stands between fields; null finds out whether it is a comma, semicolon, tab, bar or space.</param>
    /// <param name="hasHeader">
    /// Whether the first line names the columns; null finds out. Without a header, the column with paths is found, and that beside it
    /// has the labels, or of three columns the last one where a number of frames stands between.
    /// </param>
    /// <param name="encoding">
    /// How the file is text; null goes by its byte order mark, and takes UTF-8 or else Windows-1252 without one.
    /// </param>
    /// <returns>
    /// Data with the text columns VideoPath (full paths) and Label, and all other columns
    /// of the list as text under their own names, or Column1 and so on.
    /// </returns>
    /// <exception cref="System.IO.FileNotFoundException">There is no such list.</exception>
    /// <exception cref="InvalidOperationException">
    /// A column is missing, a line is broken (the message has its number), or it is not clear how the list is laid out.
    /// </exception>
    public static IDataView LoadVideosFromCsv(this DataOperationsCatalog catalog, string path,
        string pathColumnName = ListRequest.DefaultPath, string? labelColumnName = ListRequest.DefaultLabel, char? separator = null,
        bool? hasHeader = null, Encoding? encoding = null) =>
        VideoCsv.Load(CatalogUtils.GetEnvironment(catalog), path,
            new ListRequest(pathColumnName, labelColumnName, separator, hasHeader, encoding));

    /// <summary>Takes the parts of data in which a column says which row is for training, validation and test.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="splitColumnName">
    /// A text column that says train (or training), val (or valid, validation, dev), or test (or testing).
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or no text.</exception>
    /// <exception cref="InvalidOperationException">It says something else, or no row is for training.</exception>
    public static VideoSplits TakeVideoSplits(this DataOperationsCatalog catalog, IDataView data, string splitColumnName = "Split") =>
        VideoSplits.Take(catalog, data, splitColumnName);

    /// <summary>Keeps a share of the videos of every class apart, for validation or test.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="testFraction">
    /// The share to keep apart, above 0 and below 1. Of every class with two videos or more, at least one is kept.
    /// </param>
    /// <param name="labelColumnName">The text column of the labels; null draws from all videos, whatever their labels are.</param>
    /// <param name="groupColumnName">
    /// A text column that says which videos belong together, such as clips of one recording: they stay on one side. Null for none.
    /// </param>
    /// <param name="videoColumnName">The text column of the paths; the same path never stands on both sides.</param>
    /// <param name="seed">Draws the videos; null takes the seed of the MLContext, and is random without one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range, or a column is missing or no text.</exception>
    public static DataOperationsCatalog.TrainTestData TrainTestSplitVideos(this DataOperationsCatalog catalog, IDataView data,
        double testFraction = 0.2, string? labelColumnName = DefaultColumnNames.Label, string? groupColumnName = null,
        string videoColumnName = "VideoPath", int? seed = null) =>
        VideoHoldOut.Split(catalog, data, testFraction, labelColumnName, groupColumnName, videoColumnName, seed);

    /// <summary>
    /// Looks at every video of a data set before a long run: reads frames over its length, as training would, and lists those that
    /// cannot be read with the reason, files that are there more than once, and pairs of videos that show the same recording.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data.</param>
    /// <param name="videoColumnName">A Video column, or a text column of paths.</param>
    /// <param name="labelColumnName">A text or key column: the same file under two labels is reported. Null for none.</param>
    /// <param name="splitColumnName">
    /// A text or key column: the same file in two parts of the data is reported as a leak. Null for none.
    /// </param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="findNearDuplicates">
    /// Whether to look for videos of the same recording: encoded anew, in another size, cut in length, mirrored, or shifted in time.
    /// This reads 64 frames of each video in place of 16.
    /// </param>
    /// <param name="distribution">
    /// Whether processes that were started together share the videos out. All have to make the call then, and get the whole report. The
    /// default is <see cref="VideoMaeDistribution.None"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static VideoValidationReport ValidateVideos(this DataOperationsCatalog catalog, IDataView data,
        string videoColumnName = "VideoPath", string? labelColumnName = null, string? splitColumnName = null,
        CancellationToken cancellationToken = default, bool findNearDuplicates = true,
        VideoMaeDistribution distribution = VideoMaeDistribution.None) =>
        Validator(catalog, ProcessGroup.Of(distribution), cancellationToken)
            .Run(data, new VideoSetColumns(videoColumnName, labelColumnName, splitColumnName), findNearDuplicates);

    /// <summary>
    /// Looks at a part of the videos of a data set, as <see cref="ValidateVideos(DataOperationsCatalog, IDataView, string, string?,
    /// string?, CancellationToken, bool, VideoMaeDistribution)"/> does with all: for work that is shared out over machines that do not know
    /// of each other. The findings of all parts go to <see cref="ValidateVideos(DataOperationsCatalog, IEnumerable{VideoFinding},
    /// CancellationToken)"/>.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="data">The data, the same for all parts.</param>
    /// <param name="part">Which part, from 0.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="videoColumnName">A Video column, or a text column of paths.</param>
    /// <param name="labelColumnName">A text or key column. Null for none.</param>
    /// <param name="splitColumnName">A text or key column. Null for none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="findNearDuplicates">Whether near duplicates will be looked for.</param>
    /// <returns>A finding for each video of the part, in the order of rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// There is no such part, or a column is missing or of another type.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IReadOnlyList<VideoFinding> InspectVideos(this DataOperationsCatalog catalog, IDataView data, int part, int parts,
        string videoColumnName = "VideoPath", string? labelColumnName = null, string? splitColumnName = null,
        CancellationToken cancellationToken = default, bool findNearDuplicates = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(part, parts);
        return Validator(catalog, ProcessGroup.Alone, cancellationToken)
            .Look(data, new VideoSetColumns(videoColumnName, labelColumnName, splitColumnName), findNearDuplicates, part, parts);
    }

    /// <summary>Puts what was found in the parts of a data set together.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="findings">The findings of <see cref="InspectVideos"/>, of all parts, in any order.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static VideoValidationReport ValidateVideos(
        this DataOperationsCatalog catalog, IEnumerable<VideoFinding> findings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return Validator(catalog, ProcessGroup.Alone, cancellationToken).Report(findings);
    }

    private static VideoSetValidator Validator(DataOperationsCatalog catalog, ProcessGroup group, CancellationToken cancellationToken) =>
        new(CatalogUtils.GetEnvironment(catalog).Register(nameof(VideoSetValidator)), group, cancellationToken);
}
