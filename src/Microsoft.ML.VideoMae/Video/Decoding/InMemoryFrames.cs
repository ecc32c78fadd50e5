// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Sampling;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Picks from frames that are decoded already.</summary>
internal static class InMemoryFrames
{
    public static VideoFrames Pick(MLVideo video, VideoFrames frames, FrameRequest request, VideoReadOptions options)
    {
        if (request.IsAll)
            return frames;
        int[] wanted;
        try
        {
            wanted = request.Choose(frames.Timeline ?? new FrameTimeline(frames.Count));
        }
        catch (ClipHasNoTimesException e)
        {
            throw new VideoReadException(video.Name, VideoReadError.NoTimes, e.Message, e);
        }
        catch (ClipTooShortException e)
        {
            throw new VideoReadException(video.Name, VideoReadError.TooShort, e.Message, e);
        }

        FrameLimits.CheckIndices(video, wanted, frames.Count);
        var assembler = new FrameAssembler(video, wanted, options, request.Memory);
        while (!assembler.IsComplete)
        {
            frames.Frame(assembler.NextFrame).CopyTo(assembler.Begin(frames.Width, frames.Height));
            assembler.Complete();
        }

        return assembler.ToFrames(frames.Notes);
    }
}
