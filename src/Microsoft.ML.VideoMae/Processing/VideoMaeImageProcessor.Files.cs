// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;

namespace Microsoft.ML.VideoMae.Processing;

public sealed partial class VideoMaeImageProcessor
{
    /// <summary>Whether a folder has settings that <see cref="FromPretrained"/> reads.</summary>
    internal static bool HasSettings(string folder) => ProcessorFiles.Exist(folder);

    /// <summary>The name Hugging Face stores an image processor's settings under.</summary>
    internal const string FileName = "preprocessor_config.json";

    /// <summary>Reads the settings of a checkpoint folder.</summary>
    /// <param name="path">
    /// A JSON file, or a folder. In a folder the first of these is taken: the <c>image_processor</c> or <c>video_processor</c>
    /// part of processor_config.json, preprocessor_config.json, video_preprocessor_config.json.
    /// </param>
    /// <remarks>
    /// Settings of a video processor or of a 'Fast' image processor select <see cref="ProcessorBackend.Torchvision"/>, which is
    /// what those compute with. A number as <c>size</c> is the shortest edge, as <c>crop_size</c> it is height and width.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file, or none of them in the folder.</exception>
    /// <exception cref="InvalidDataException">The file is not JSON, or settings are invalid; the message lists all problems.</exception>
    public static VideoMaeImageProcessor FromPretrained(string path) => new(ProcessorFiles.Read(path, preferVideo: false));

    /// <summary>Reads settings from JSON text.</summary>
    /// <param name="json">The content of a preprocessor_config.json.</param>
    /// <exception cref="InvalidDataException">The text is not JSON, or settings are invalid; the message lists all problems.</exception>
    public static VideoMaeImageProcessor FromJson(string json) =>
        new(ImageProcessorJson.Read(ProcessorFiles.Parse(json, FileName), FileName));

    /// <summary>The settings as JSON text, as Hugging Face writes them; fields that were read and are not known here are kept.</summary>
    public string ToJson() => ImageProcessorJson.Write(Options);

    /// <summary>
    /// The frame sampling that a folder exported here names beside the settings of pictures (<c>frame_sampling</c>); null where none is.
    /// </summary>
    /// <exception cref="InvalidDataException">It is not the name of a sampling.</exception>
    internal FrameSampler? FrameSampling => ImageProcessorJson.ReadSampling(Options);

    /// <summary>These settings with the frame sampling of a model beside them.</summary>
    internal VideoMaeImageProcessor WithFrameSampling(FrameSampler sampler) => new(ImageProcessorJson.WithSampling(Options, sampler));

    /// <summary>Writes preprocessor_config.json.</summary>
    /// <param name="folder">The folder; it is made where it does not exist.</param>
    public void SavePretrained(string folder) => ProcessorFiles.Write(folder, FileName, ToJson());
}
