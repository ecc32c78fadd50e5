// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Generated;

/// <summary>Draws up a scene: a background, a camera that is still or moves, objects and figures that pass before each other.</summary>
/// <param name="random">The random numbers of the clip.</param>
/// <param name="side">The side of a frame, in pixels.</param>
/// <param name="frames">The number of frames.</param>
internal sealed class SceneBuilder(SceneRandom random, int side, int frames)
{
    private const int MostObjects = 3;
    private const float FigureShare = 0.3f;

    /// <summary>The parts, from back to front.</summary>
    public IReadOnlyList<ScenePart> Build()
    {
        ScenePose[] camera = Camera();
        List<ScenePart> parts = [Background()];
        int objects = 1 + random.Below(MostObjects);
        for (int i = 0; i < objects; i++)
        {
            if (random.Chance(FigureShare))
                parts.AddRange(Figure());
            else
                parts.Add(Object());
        }

        return [.. parts.Select(part => part with { Poses = [.. part.Poses.Zip(camera, (pose, view) => pose.Through(view))] })];
    }

    private ScenePose[] Poses(Func<float, ScenePose> at) => [.. Enumerable.Range(0, frames + 1).Select(t => at(t - frames / 2f))];

    /// <summary>Every second camera stands still; the others pan, zoom or turn about the middle of the frame.</summary>
    private ScenePose[] Camera()
    {
        float unit = side / 32f, middle = side / 2f;
        bool moves = random.Chance(0.5f);
        float vx = random.Sometimes(0.8f, 0.5f * unit), vy = random.Sometimes(0.8f, 0.5f * unit);
        float turn = random.Sometimes(0.3f, 0.04f), zoom = random.Sometimes(0.3f, 0.02f);
        return Poses(t =>
        {
            if (!moves)
                return new ScenePose(0, 0, 1, 0, 0, 1, 0);
            float cos = MathF.Cos(turn * t) * MathF.Exp(zoom * t), sin = MathF.Sin(turn * t) * MathF.Exp(zoom * t);
            float x = middle - cos * middle + sin * middle + vx * t, y = middle - sin * middle - cos * middle + vy * t;
            return new ScenePose(x, y, cos, -sin, sin, cos, 0);
        });
    }

    private ScenePart Background()
    {
        ScenePose pose = ScenePose.Create(
            random.Uniform(0, side), random.Uniform(0, side), random.Uniform(0, 2 * MathF.PI), side * random.Uniform(0.7f, 1.5f));
        return new ScenePart(SceneShape.Everything, new SceneTexture(random), Poses(_ => pose));
    }

    private ScenePart Object()
    {
        var motion = new SceneMotion(random, side, frames);
        var kind = (SceneShape)(1 + random.Below(4));
        int corners = 3 + random.Below(4);
        float opacity = random.Chance(0.15f) ? random.Uniform(0.55f, 0.9f) : 1;
        corners = kind == SceneShape.Star ? corners + 2 : corners;
        return new ScenePart(kind, new SceneTexture(random), Poses(motion.At), opacity, corners, Width: random.Uniform(0.35f, 0.7f));
    }

    /// <summary>A body with limbs on it, and limbs on these: all swing about their joints.</summary>
    private IEnumerable<ScenePart> Figure()
    {
        var motion = new SceneMotion(random, side, frames);
        var texture = new SceneTexture(random);
        SceneTexture limbs = random.Chance(0.5f) ? texture : new SceneTexture(random);
        float width = random.Uniform(0.15f, 0.3f);
        ScenePose[] body = Poses(time => motion.At(time) with { Bend = 0 });
        int count = 2 + random.Below(3);
        for (int i = 0; i < count; i++)
        {
            float joint = random.Uniform(0, 1), length = random.Uniform(0.5f, 0.9f);
            ScenePose[] upper = Swinging(body, joint);
            if (random.Chance(0.6f))
                yield return new ScenePart(SceneShape.Limb, limbs, Swinging(upper, length), Length: length * 0.9f, Width: width * 0.55f);
            yield return new ScenePart(SceneShape.Limb, limbs, upper, Length: length, Width: width * 0.65f);
        }

        yield return new ScenePart(SceneShape.Limb, texture, body, Length: 1, Width: width);
    }

    /// <summary>The poses of a limb whose joint lies at a place along another's.</summary>
    private ScenePose[] Swinging(ScenePose[] parent, float joint)
    {
        float rest = random.Uniform(0, 2 * MathF.PI), swing = random.Uniform(0, 1.2f);
        float rate = random.Uniform(0.15f, 0.8f), phase = random.Uniform(0, 2 * MathF.PI);
        return [.. parent.Select((pose, t) => ScenePose.Create(joint, 0, rest + swing * MathF.Sin(rate * t + phase), 1).Through(pose))];
    }
}
