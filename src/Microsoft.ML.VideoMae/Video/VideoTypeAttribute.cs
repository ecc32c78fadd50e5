// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae;

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
