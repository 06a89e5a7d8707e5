using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Host;

/// <summary>Rows of floats at a fixed distance: those of a matrix, or the part of them that belongs to one sample and head.</summary>
internal readonly unsafe struct HeadRows(float* first, long stride)
{
    private readonly float* _first = first;
    private readonly long _stride = stride;

    public HeadRows(MatrixView view)
        : this(HostBuffer.Pointer(view.Data), view.Stride)
    {
    }

    public float* this[long row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _first + row * _stride;
    }

    /// <summary>The rows from <paramref name="row"/> on, without the columns before <paramref name="column"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HeadRows From(long row, long column) => new(_first + row * _stride + column, _stride);

    /// <summary>These rows where <paramref name="width"/> is a multiple of 16, else a copy whose rows end in zeros.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="scratch">Where the copy goes; moved on behind it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HeadRows Padded(long count, long width, ref float* scratch) => (width & 15) == 0 ? this : Copy(count, width, ref scratch);

    /// <summary>Asks for these rows: each is too short for the hardware's own prefetcher.</summary>
    /// <param name="count">Number of rows.</param>
    /// <param name="width">Elements of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long count, long width)
    {
        if (!Sse.IsSupported)
            return;
        for (long r = 0; r < count; r++)
        {
            for (long c = 0; c < width; c += 16)
                Sse.Prefetch0(this[r] + c);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private HeadRows Copy(long count, long width, ref float* scratch)
    {
        var copy = new HeadRows(scratch, PaddedRows.PadTo16(width));
        for (long r = 0; r < count; r++)
        {
            NativeMemory.Copy(this[r], copy[r], (nuint)width * sizeof(float));
            for (long c = width; c < copy._stride; c++)
                copy[r][c] = 0;
        }

        scratch += count * copy._stride;
        return copy;
    }
}
