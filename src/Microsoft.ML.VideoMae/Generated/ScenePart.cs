// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>What an object is made of, and where it is in every frame and one beyond.</summary>
/// <param name="Kind">The outline.</param>
/// <param name="Texture">What covers it.</param>
/// <param name="Poses">A pose for each frame, and one more: the last frame moves too.</param>
/// <param name="Opacity">How much of what lies behind it hides, 0 to 1.</param>
/// <param name="Corners">The corners of a polygon or star.</param>
/// <param name="Length">The length of a limb, from its joint at (0, 0) along x.</param>
/// <param name="Width">Half the width of a limb; the inner radius of a star.</param>
internal sealed record ScenePart(
    SceneShape Kind, SceneTexture Texture, ScenePose[] Poses, float Opacity = 1, int Corners = 0, float Length = 0, float Width = 0)
{
    /// <summary>How far the object reaches from its centre, in its own units.</summary>
    public float Extent => Kind switch
    {
        SceneShape.Rectangle => 1.5f,
        SceneShape.Limb => Length + Width,
        _ => 1.05f,
    };

    /// <summary>How far a place lies outside of the outline, in the object's units; negative inside.</summary>
    public float Distance(float x, float y) => Kind switch
    {
        SceneShape.Everything => -1,
        SceneShape.Ellipse => MathF.Sqrt(x * x + y * y) - 1,
        SceneShape.Rectangle => MathF.Max(MathF.Abs(x), MathF.Abs(y)) - 1,
        SceneShape.Polygon => ToPolygon(x, y),
        SceneShape.Star => ToStar(x, y),
        _ => ToLimb(x, y),
    };

    private float ToPolygon(float x, float y)
    {
        float sector = 2 * MathF.PI / Corners, angle = MathF.Abs(MathF.IEEERemainder(MathF.Atan2(y, x), sector));
        return MathF.Sqrt(x * x + y * y) * MathF.Cos(angle) - MathF.Cos(sector / 2);
    }

    private float ToStar(float x, float y)
    {
        float sector = 2 * MathF.PI / Corners, angle = MathF.Abs(MathF.IEEERemainder(MathF.Atan2(y, x), sector));
        return MathF.Sqrt(x * x + y * y) - (1 + (Width - 1) * 2 * angle / sector);
    }

    private float ToLimb(float x, float y)
    {
        float along = x - Math.Clamp(x, 0, Length);
        return MathF.Sqrt(along * along + y * y) - Width;
    }
}

/// <summary>The outline of an object.</summary>
internal enum SceneShape
{
    /// <summary>The background.</summary>
    Everything,

    /// <summary>A circle, stretched.</summary>
    Ellipse,

    /// <summary>A square, stretched.</summary>
    Rectangle,

    /// <summary>A regular polygon, stretched.</summary>
    Polygon,

    /// <summary>A star.</summary>
    Star,

    /// <summary>A bar with round ends: a part of a figure.</summary>
    Limb,
}
