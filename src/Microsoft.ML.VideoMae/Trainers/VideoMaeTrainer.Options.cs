// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.ComponentModel.DataAnnotations;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

public sealed partial class VideoMaeTrainer
{
    /// <summary>The options of <see cref="VideoMaeTrainer"/>. They are copied and checked once, when the trainer is made.</summary>
    public sealed class Options : VideoMaeTrainerOptions
    {
        /// <summary>The name of the column for the predicted label. The default is 'PredictedLabel'.</summary>
        [Option("The column for the predicted label.", RunIdentityPart.Always)]
        [Required]
        public string PredictedLabelColumnName = DefaultColumnNames.PredictedLabel;

        /// <summary>The share of the target spread over the other classes, 0 to 1. The default is 0.1.</summary>
        [Option("Label smoothing.", RunIdentityPart.Always)]
        [BelowOne]
        public float LabelSmoothing = TrainingDefaults.LabelSmoothing;

        /// <summary>What is done about classes that have more clips than others. The default is nothing.</summary>
        [Option("What is done about classes with more clips than others.", RunIdentityPart.Always)]
        public ClassBalancing ClassBalancing = ClassBalancing.None;

        /// <summary>
        /// Mixup's alpha: clips of a batch are blended with weights drawn from Beta(alpha, alpha), and so are their labels. The default, 0,
        /// is off; the original fine-tunes with 0.8.
        /// </summary>
        [Option("Mixup's alpha.", RunIdentityPart.Always)]
        [Range(0.0, 1000)]
        public float Mixup;

        /// <summary>
        /// Cutmix's alpha: a rectangle of a clip, the same in all frames, is replaced by another clip's. The default, 0, is off; the
        /// original fine-tunes with 1.
        /// </summary>
        [Option("Cutmix's alpha.", RunIdentityPart.Always)]
        [Range(0.0, 1000)]
        public float Cutmix;

        /// <summary>
        /// How probable it is that a batch is mixed, where <see cref="Mixup"/> or <see cref="Cutmix"/> is on. The default is 1.
        /// </summary>
        [Option("The probability of mixing.", RunIdentityPart.Always)]
        [Range(0.0, 1)]
        public float MixupProbability = 1;

        /// <summary>How probable cutmix is where both are on. The default is 0.5.</summary>
        [Option("The probability of cutmix over mixup.", RunIdentityPart.Always)]
        [Range(0.0, 1)]
        public float MixupSwitchProbability = 0.5f;

        /// <summary>
        /// What shares one draw of mixup or cutmix: a batch, a pair of clips, or nothing. The default is a batch, as in the original.
        /// </summary>
        [Option("What shares a draw of mixup.", RunIdentityPart.Always)]
        public MixupMode MixupMode = MixupMode.Batch;

        internal override ClassBalancing Balancing => ClassBalancing;

        internal override bool MixesClips => (Mixup > 0 || Cutmix > 0) && MixupProbability > 0;

        private protected override void CheckTogether(OptionProblems problems)
        {
            base.CheckTogether(problems);
            problems.Require(ScoreColumnName != PredictedLabelColumnName, nameof(ScoreColumnName), ScoreColumnName,
                $"has to differ from {nameof(PredictedLabelColumnName)}");
        }
    }
}
