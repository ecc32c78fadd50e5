// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>
/// How one object moves: a path with acceleration, turns, growth, stretching and bending, and stops or starts on the way.
/// </summary>
internal sealed class SceneMotion
{
    private readonly float _x, _y, _vx, _vy, _ax, _ay, _angle, _turn, _size, _growth, _stretch, _stretching, _bend, _bendRate, _bendPhase;
    private readonly float _from, _to;

    /// <param name="random">The random numbers of the clip.</param>
    /// <param name="side">The side of a frame, in pixels.</param>
    /// <param name="frames">The number of frames.</param>
    public SceneMotion(SceneRandom random, int side, int frames)
    {
        float unit = side / 32f; // Speeds are those of frames of 32 pixels.
        (_x, _y) = (random.Uniform(0, side), random.Uniform(0, side));
        (_vx, _vy) = (random.Sometimes(0.7f, 0.7f * unit), random.Sometimes(0.7f, 0.7f * unit));
        (_ax, _ay) = (random.Sometimes(0.2f, 0.05f * unit), random.Sometimes(0.2f, 0.05f * unit));
        (_angle, _turn) = (random.Uniform(0, 2 * MathF.PI), random.Sometimes(0.4f, 0.12f));
        (_size, _growth) = (side * random.Uniform(0.12f, 0.37f), random.Sometimes(0.35f, 0.035f));
        (_stretch, _stretching) = (0.5f * random.Normal(), random.Sometimes(0.2f, 0.04f));
        (_bend, _bendRate, _bendPhase) = (random.Sometimes(0.15f, 0.4f), random.Uniform(0.1f, 0.6f), random.Uniform(0, 2 * MathF.PI));
        bool stops = random.Chance(0.15f), starts = random.Chance(0.15f);
        float when = random.Uniform(-frames / 4f, frames / 4f);
        _from = starts ? when : float.NegativeInfinity;
        _to = stops && !starts ? when : float.PositiveInfinity;
    }

    /// <summary>Where it is.</summary>
    /// <param name="time">Frames since the middle of the clip.</param>
    public ScenePose At(float time)
    {
        float t = Math.Clamp(time, _from, _to);
        float x = _x + _vx * t + _ax * t * t / 2, y = _y + _vy * t + _ay * t * t / 2;
        return ScenePose.Create(x, y, _angle + _turn * t, _size * MathF.Exp(_growth * t),
            _stretch + _stretching * t, _bend * MathF.Sin(_bendRate * t + _bendPhase));
    }
}
