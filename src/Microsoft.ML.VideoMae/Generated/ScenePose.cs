// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>
/// Where an object is in one frame: a place q of the object, in units of its own, is seen at c + M (q.x + bend q.y^2, q.y), in pixels.
/// </summary>
internal readonly record struct ScenePose(float X, float Y, float M11, float M12, float M21, float M22, float Bend)
{
    /// <summary>A pose by angle and size.</summary>
    /// <param name="x">The column of the centre.</param>
    /// <param name="y">The row of the centre.</param>
    /// <param name="angle">The angle, in radians.</param>
    /// <param name="size">Pixels for a unit of the object.</param>
    /// <param name="stretch">The logarithm of how many times wider than high it is made.</param>
    /// <param name="bend">How much it is bent.</param>
    public static ScenePose Create(float x, float y, float angle, float size, float stretch = 0, float bend = 0)
    {
        float cos = MathF.Cos(angle), sin = MathF.Sin(angle), wide = size * MathF.Exp(stretch / 2), high = size * MathF.Exp(-stretch / 2);
        return new ScenePose(x, y, cos * wide, -sin * high, sin * wide, cos * high, bend);
    }

    /// <summary>Pixels for a unit of the object, about.</summary>
    public float Size => MathF.Sqrt(MathF.Abs(M11 * M22 - M12 * M21));

    /// <summary>The pixels that a unit of the object takes at most.</summary>
    public float LargestSize => MathF.Max(MathF.Sqrt(M11 * M11 + M21 * M21), MathF.Sqrt(M12 * M12 + M22 * M22)) * (1 + MathF.Abs(Bend));

    /// <summary>What is seen through a camera with a pose of its own.</summary>
    public ScenePose Through(ScenePose camera) => new(
        camera.X + camera.M11 * X + camera.M12 * Y,
        camera.Y + camera.M21 * X + camera.M22 * Y,
        camera.M11 * M11 + camera.M12 * M21,
        camera.M11 * M12 + camera.M12 * M22,
        camera.M21 * M11 + camera.M22 * M21,
        camera.M21 * M12 + camera.M22 * M22,
        Bend);

    /// <summary>Where a place of the object is seen.</summary>
    public (float X, float Y) Seen(float qx, float qy)
    {
        float bent = qx + Bend * qy * qy;
        return (X + M11 * bent + M12 * qy, Y + M21 * bent + M22 * qy);
    }
}
