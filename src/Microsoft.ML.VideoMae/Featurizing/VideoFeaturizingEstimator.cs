// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>What estimators share that make a vector of numbers of a video, without a VideoMAE model.</summary>
/// <typeparam name="TTransformer">The transformer that is made.</typeparam>
public abstract class VideoFeaturizingEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : VideoFeaturizingTransformer
{
    private protected VideoFeaturizingEstimator(
        IHostEnvironment env, string name, VideoFeaturizingOptions options, Action<OptionProblems> check)
    {
        Host = Contracts.CheckRef(env, nameof(env)).Register(name);
        Host.CheckValue(options, nameof(options));
        OptionProblems problems = new OptionProblems()
            .Named(nameof(options.OutputColumnName), options.OutputColumnName)
            .Named(nameof(options.InputColumnName), options.InputColumnName)
            .Defined(nameof(options.OnVideoError), options.OnVideoError);
        check(problems);
        problems.ThrowIfAny(Host, nameof(options));
        Columns = new VideoColumns(options.OutputColumnName, options.InputColumnName, options.OnVideoError);
    }

    private protected IHost Host { get; }

    private protected VideoColumns Columns { get; }

    /// <summary>Checks the input, and makes the transformer.</summary>
    /// <param name="input">Data with the Video column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing or of another type.</exception>
    public TTransformer Fit(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        Columns.FindIn(Host, input.Schema);
        return Make(input);
    }

    /// <summary>The schema that data has after the transform.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Columns.AddTo(Host, inputSchema);

    /// <summary>Makes the transformer; most look at no data.</summary>
    /// <param name="input">Data whose Video column was checked.</param>
    private protected abstract TTransformer Make(IDataView input);
}

/// <summary>The options of every estimator that makes a vector of numbers of a video, without a VideoMAE model.</summary>
public abstract class VideoFeaturizingOptions
{
    private protected VideoFeaturizingOptions()
    {
    }

    /// <summary>The name of the column that is made. The default is 'Features'; that of pixel values is 'Pixels'.</summary>
    public string OutputColumnName = DefaultColumnNames.Features;

    /// <summary>The name of the Video column. The default is 'Video'.</summary>
    public string InputColumnName = TrainingDefaults.FeatureColumnName;

    /// <summary>
    /// What happens to a video that cannot be read. The default is to throw; skipping gives values that are not a number, with one warning
    /// for all such videos.
    /// </summary>
    public VideoErrorPolicy OnVideoError = VideoErrorPolicy.Throw;
}
