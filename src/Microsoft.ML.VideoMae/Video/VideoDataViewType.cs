// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae;

/// <summary>The type of a column of videos: <see cref="MLVideo"/> handles, nothing decoded.</summary>
/// <remarks>
/// A primitive type, unlike ML.NET's image type: ML.NET's Cache and ShuffleRows silently drop columns of structured types,
/// and an immutable handle that owns nothing can be copied as freely as a number.
/// </remarks>
public sealed class VideoDataViewType : PrimitiveDataViewType
{
    /// <summary>What messages say of a column that should be of this type.</summary>
    internal const string Expected = "Video (mlContext.Transforms.LoadVideos makes such a column from paths)";

    private VideoDataViewType()
        : base(typeof(MLVideo))
    {
    }

    /// <summary>The one instance: all video columns are of the same type.</summary>
    public static VideoDataViewType Instance { get; } = new();

    /// <inheritdoc/>
    public override bool Equals(DataViewType? other) => other is VideoDataViewType;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(VideoDataViewType).GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => "Video";
}

/// <summary>Marks a field or property of type <see cref="MLVideo"/> as a video column of a data view.</summary>
public sealed class VideoTypeAttribute : DataViewTypeAttribute
{
    /// <inheritdoc/>
    public override bool Equals(DataViewTypeAttribute? other) => other is VideoTypeAttribute;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(VideoTypeAttribute).GetHashCode();

    /// <inheritdoc/>
    public override void Register() => DataViewTypeManager.Register(VideoDataViewType.Instance, typeof(MLVideo), this);
}
