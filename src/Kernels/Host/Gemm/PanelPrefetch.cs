using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>
/// Asks for the part of B that is packed next: packing reads lines too far apart for the hardware's own prefetcher. The part is cut into
/// strides of equal steps, which the micro-kernels walk between their FMAs, where they cost nothing. Worth 4-6 % of a product.
/// </summary>
internal unsafe struct PanelPrefetch
{
    /// <summary>Steps over k for each line that a micro-kernel asks for: its unrolling.</summary>
    public const int DepthPerLine = 4;

    private const int LineFloats = 16;

    private readonly float* _first;
    private readonly nint _row;
    private readonly int _linesPerStride;
    private readonly int _strides;
    private readonly int _stridesPerColumn;
    private int _asked;

    /// <param name="first">First element of the part; null for nothing.</param>
    /// <param name="row">From one of its rows to the next in B.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="alongRows">True when a stride is a row, false when it is one line of many rows.</param>
    /// <param name="depth">Steps over k of the micro-kernels that ask.</param>
    public PanelPrefetch(float* first, nint row, int rows, int columns, bool alongRows, int depth)
    {
        _first = first;
        _row = row;
        _linesPerStride = depth / DepthPerLine;
        if (first == null || !Sse.IsSupported || _linesPerStride == 0)
            return;
        AlongRows = alongRows;
        _stridesPerColumn = (rows + _linesPerStride - 1) / _linesPerStride;
        _strides = alongRows ? rows : _stridesPerColumn * ((columns + LineFloats - 1) / LineFloats);
    }

    private bool AlongRows { get; }

    /// <summary>Strides for each tile, so that all are walked when the last of <paramref name="tiles"/> is done.</summary>
    public readonly int StridesPerTile(int tiles) => (_strides + tiles - 1) / tiles;

    /// <summary>Gives the tile its stride; what more is due is asked for here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int strides, ref Tile tile)
    {
        tile.Ahead = tile.B;
        tile.AheadStep = 0;
        for (; strides > 0 && _asked < _strides; strides--, _asked++)
        {
            // Along a row each line is asked for several times: a row of B is as long as the tile is deep.
            tile.Ahead = AlongRows ? _first + _asked * _row
                : _first + _asked % _stridesPerColumn * _linesPerStride * _row + _asked / _stridesPerColumn * LineFloats;
            tile.AheadStep = AlongRows ? DepthPerLine : _row;
            if (strides > 1)
                Ask(tile.Ahead, tile.AheadStep);
        }
    }

    private readonly void Ask(float* line, nint step)
    {
        for (int i = 0; i < _linesPerStride; i++, line += step)
            Sse.Prefetch1(line);
    }
}
