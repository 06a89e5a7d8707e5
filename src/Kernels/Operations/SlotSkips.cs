using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[b] = raw[b] + Σᵢ skips[i]·context[b·T + i], T = length of <paramref name="skips"/>: each context slot added with its own weight.</summary>
    /// <param name="raw">[B,D], dense.</param>
    /// <param name="skips">T elements.</param>
    /// <param name="context">[B·T,D], dense.</param>
    /// <param name="y">[B,D], dense; may be <paramref name="raw"/>.</param>
    void SlotSkipsForward(MatrixView raw, View skips, MatrixView context, MatrixView y);

    /// <summary>dSkips[i] (+)= Σ_b dY[b]·context[b·T + i]; dRaw (+)= dY. The context is data: it has no gradient.</summary>
    /// <param name="dY">[B,D], dense.</param>
    /// <param name="context">[B·T,D], dense.</param>
    /// <param name="dSkips">T elements.</param>
    /// <param name="accumulateSkips">Adds to <paramref name="dSkips"/>.</param>
    /// <param name="dRaw">[B,D], dense; may be <paramref name="dY"/> when not accumulating.</param>
    /// <param name="accumulateRaw">Adds to <paramref name="dRaw"/>.</param>
    void SlotSkipsBackward(MatrixView dY, MatrixView context, View dSkips, bool accumulateSkips, MatrixView dRaw, bool accumulateRaw);
}
