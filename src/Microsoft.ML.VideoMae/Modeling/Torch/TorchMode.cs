// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// The thread's way of recording gradients, which belongs to the application: it may be switched off, or be inference mode, when it calls.
/// </summary>
/// <remarks>
/// The default type and the default device belong to the whole process. They are not touched: every tensor of this package is made with a
/// type and a device of its own.
/// </remarks>
internal static class TorchMode
{
    /// <summary>Gradients are recorded, and tensors are ordinary ones, until the result is disposed of; then all is as it was.</summary>
    internal static IDisposable Recording() => new Modes(inference_mode(false), enable_grad(true));

    private sealed class Modes(IDisposable outer, IDisposable inner) : IDisposable
    {
        public void Dispose()
        {
            inner.Dispose();
            outer.Dispose();
        }
    }
}
