using System.Runtime.CompilerServices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

/// <summary>A <see cref="Dropout"/> of the current step, ready for kernels.</summary>
internal readonly struct DropoutLanes(Dropout dropout)
{
    private readonly uint _threshold = dropout.Threshold;
    private readonly uint _key0 = (uint)dropout.StepKey;
    private readonly uint _key1 = (uint)(dropout.StepKey >> 32);
    private readonly float _scale = dropout.Scale;

    /// <summary>Drops or scales the elements <paramref name="index"/> .. <paramref name="index"/> + 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Apply<L>(L value, long index)
        where L : unmanaged, ILanes16<L>
    {
        if (_threshold == 0)
            return value;
        L kept = L.AtLeastBits(LaneMath.RandomBits<L>((uint)index, _key0, _key1), L.CreateBits(_threshold));
        return (value * L.Create(_scale)) & kept;
    }
}
