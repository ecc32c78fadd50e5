// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Tests.Layering;

/// <summary>The arrows of today that point the wrong way. The list may only become shorter.</summary>
internal static class WrongArrows
{
    /// <summary>Each arrow as <see cref="Arrow.ToString"/> writes it.</summary>
    internal static string[] All { get; } = """
        Loading -> Training: VideoHoldOut -> ClipExample
        Loading -> Training: VideoHoldOut -> ValidationSplit
        Options -> Scoring: OptionCopies -> VideoMaeScoringTransformer
        Options -> Scoring: VideoMaeTrainingOptions -> VideoMaeScoringTransformer
        Reconstruction -> Scoring: Unmasker -> ClipScorer
        Reconstruction -> Scoring: Unmasker -> ReconstructionScorer
        Scoring -> Loading: CheckpointModel -> TemporaryFolder
        Scoring -> Loading: PretrainedFolder -> TemporaryFolder
        Scoring -> Loading: RowsAhead -> ClipColumn
        Scoring -> Loading: VideoMaeClassificationTransformer -> TopScores
        Scoring -> Loading: VideoMaeScoringTransformer -> ClipColumn
        Scoring -> Loading: VideoMaeScoringTransformer -> TemporaryFolder
        Scoring -> Training: CheckpointModel -> ClassifierFactory
        Scoring -> Training: CheckpointModel -> TorchDevice
        Scoring -> Training: ClassifierScorer -> TorchDevice
        Scoring -> Training: ReconstructionScorer -> ClipMasks
        Scoring -> Training: ReconstructionScorer -> TorchDevice
        Scoring -> Training: VideoMaeScoringTransformer -> TrainingArithmetic
        Trainers -> Loading: PretrainingRows -> ClipColumn
        Trainers -> Loading: TrainingRows -> ClipColumn
        Trainers -> Loading: VideoMaeFeaturizingEstimator -> ClipColumn
        Trainers -> Loading: VideoMaeFeaturizingEstimator -> TemporaryFolder
        Training -> Loading: ClassifierFactory -> ClipProcessor
        Training -> Loading: FineTuningRun -> ClipColumn
        Training -> Loading: FineTuningRun -> TemporaryFolder
        Training -> Loading: PretrainingRun -> ClipColumn
        Training -> Loading: PretrainingRun -> ClipProcessor
        Training -> Loading: PretrainingRun -> TemporaryFolder
        Training -> Scoring: ClassifierFactory -> ClassifierScorer
        Training -> Scoring: ClassifierFactory -> PretrainedFolder
        Training -> Scoring: ClassifierFactory -> ScoringViews
        Training -> Scoring: ClipInput -> ClassifierScorer
        Training -> Scoring: ClipInput -> ClipScorer
        Training -> Scoring: FeatureExtraction -> ClassifierScorer
        Training -> Scoring: FeatureExtraction -> ClipScorer
        Training -> Scoring: FeatureInput -> ClassifierScorer
        Training -> Scoring: FeatureInput -> ClipScorer
        Training -> Scoring: FineTuningLoop -> ClassifierScorer
        Training -> Scoring: FineTuningRun -> ClassifierScorer
        Training -> Scoring: FineTuningRun -> ClipScorer
        Training -> Scoring: FineTuningRun -> PretrainedFolder
        Training -> Scoring: FineTuningRun -> VideoMaeModelCard
        Training -> Scoring: FineTuningRun -> VideoMaeScoringTransformer
        Training -> Scoring: ModelCards -> VideoMaeModelCard
        Training -> Scoring: NeighbourProbe -> ClipScorer
        Training -> Scoring: NeighbourProbe -> ReconstructionScorer
        Training -> Scoring: PretrainingData -> ClipScorer
        Training -> Scoring: PretrainingData -> ReconstructionScorer
        Training -> Scoring: PretrainingLoop -> ReconstructionScorer
        Training -> Scoring: PretrainingRun -> ClipScorer
        Training -> Scoring: PretrainingRun -> PretrainedFolder
        Training -> Scoring: PretrainingRun -> ReconstructionScorer
        Training -> Scoring: PretrainingRun -> VideoMaeModelCard
        Training -> Scoring: PretrainingRun -> VideoMaeScoringTransformer
        Training -> Scoring: PretrainingStepper -> ClipScorer
        Training -> Scoring: PretrainingStepper -> ReconstructionScorer
        Training -> Scoring: RunIdentity -> ClassifierScorer
        Training -> Scoring: RunIdentity -> ClipScorer
        Training -> Scoring: TrainingClips -> ClipScorer
        Training -> Scoring: TrainingInput -> ClassifierScorer
        Training -> Scoring: TrainingLoop -> VideoMaeModelCard
        Training -> Scoring: TrainingStepper -> ClassifierScorer
        Training -> Scoring: TrainingStepper -> ClipScorer
        Training -> Trainers: ClassifierFactory -> VideoMaeTrainer
        Training -> Trainers: FineTuningRecipe -> VideoMaeTrainer
        Training -> Trainers: FineTuningRun -> ValidationRows
        Training -> Trainers: ModelCards -> VideoMaeAnomalyTrainer
        Training -> Trainers: ModelCards -> VideoMaeBinaryTrainer
        Training -> Trainers: ModelCards -> VideoMaeTrainer
        Training -> Trainers: PretrainingRun -> VideoMaeTrainer
        """.Split('\n');
}
