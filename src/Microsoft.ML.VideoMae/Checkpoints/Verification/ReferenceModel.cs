// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Loads a checkpoint as the model it is: that of config.json's architectures, or else what its weights say.</summary>
internal static class ReferenceModel
{
    internal static VideoMaePreTrainedModel Load(string pathOrId, PretrainedOptions? options, out CheckpointNaming naming)
    {
        (string path, string? config) = PretrainedSource.Locate(pathOrId, options?.Hub);
        HashSet<string> targets;
        using (CheckpointFile file = CheckpointFile.Open(path))
        {
            (naming, IReadOnlyList<KeyMapping> keys) = CheckpointKeyMap.Map([.. file.Tensors.Keys]);
            targets = [.. keys.Select(key => key.Target)];
        }

        string? architecture = config is null ? null
            : VideoMaeConfig.Load(config).AdditionalFields.TryGetValue("architectures", out JsonNode? node) && node is JsonArray { Count: > 0 } list ? list[0]?.ToString() : null;
        bool preTraining = architecture == "VideoMAEForPreTraining" || (architecture is null && targets.Contains("encoder_to_decoder.weight"));
        bool classification = architecture == "VideoMAEForVideoClassification" || (architecture is null && targets.Contains("classifier.weight"));
        return PretrainedLoader.Load<VideoMaePreTrainedModel>(
            path,
            preTraining ? model => new VideoMaeForPreTraining(model, random: null)
                : classification ? model => new VideoMaeForVideoClassification(model, random: null)
                : model => new VideoMaeModel(model, random: null),
            dtype: null, device: null, options);
    }
}
