using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>
/// One matrix product: blocks of k, then blocks of rows, then panels of two vectors of columns (Goto and van de Geijn 2008).
/// Every element of C is ((addend + block₀) + block₁) + …, each block one chain of FMAs over k in order. The block of k is the same for
/// every width and threads split rows or columns only, so neither changes a bit.
/// </summary>
internal unsafe struct Product
{
    /// <summary>Steps over k summed in registers: part of the result's definition, not a tuning knob.</summary>
    public const int DepthBlock = 256;

    /// <summary>Rows of A that stay in the second-level cache while the panels pass by.</summary>
    private const int RowBlock = 240;

    public MatMulForm Form;
    public int M;
    public int N;
    public int K;
    public float* A;
    public nint ARow;
    public float* B;
    public nint BRow;
    public float* C;
    public nint CRow;
    public float* Bias;
    public bool Accumulate;

    /// <summary>True when threads split the rows of C, false when its columns.</summary>
    public bool SplitRows;

    /// <summary>Most rows of a tile: what the register file holds.</summary>
    public int TileRows;

    /// <summary>Memory of the workers, one after the other.</summary>
    public float* Workspace;

    /// <summary>Floats of one worker's memory, from <see cref="WorkspaceFloats"/>.</summary>
    public nint WorkspaceStride;

    /// <summary>Who computes what of the last block.</summary>
    public PanelClaims Claims;

    /// <summary>M·N·K</summary>
    public readonly long Multiplications => (long)M * N * K;

    /// <summary>Whether a share can have several blocks of rows, which all need the packed panels.</summary>
    private readonly bool KeepsPanels => M > RowBlock;

    /// <summary>Floats that one worker needs: the block of A, the edge tile and the panels of B.</summary>
    public readonly nint WorkspaceFloats<T>(int workers)
        where T : unmanaged, IVector<T>
    {
        nint panels = (N + 2 * T.Count - 1) / (2 * T.Count);
        nint kept = KeepsPanels ? (SplitRows ? panels : (panels + workers - 1) / workers) : 1;
        return PanelsAt<T>() + kept * 2 * T.Count * DepthBlock;
    }

    /// <summary>Whether threads should split rows: fewer tiles for the busiest one, or, when equal, fewer elements packed by more than one.</summary>
    public readonly bool IsBetterSplitByRows<T>(int workers)
        where T : unmanaged, IVector<T>
    {
        long rows = (M + TileRows - 1) / TileRows, columns = (N + 2 * T.Count - 1) / (2 * T.Count);
        long byRows = (rows + workers - 1) / workers * columns, byColumns = rows * ((columns + workers - 1) / workers);
        return byRows < byColumns || byRows == byColumns && M > 2L * N;
    }

    /// <summary>Most rows of a tile: two vectors for each row, and three registers for operands, of 32 registers or of 16.</summary>
    public static int MostTileRows(VectorWidth width) => width == VectorWidth.V512 || AdvSimd.IsSupported ? 10 : 6;

    /// <summary>Entry point for <see cref="WorkerPool"/>.</summary>
    public static void Invoke<T>(void* product, int worker, int workers)
        where T : unmanaged, IVector<T> => ((Product*)product)->Run<T>(worker, workers);

    /// <summary>Floats of one packed block of A: rows, or for TN strips, of which balancing the tiles can make one more.</summary>
    private readonly nint BlockFloats<T>()
        where T : unmanaged, IVector<T> => Form == MatMulForm.TN
        ? (RowBlock / TileRows + 1) * StripLayout<T>.Length(DepthBlock)
        : RowBlock * DepthBlock;

    private readonly nint PanelsAt<T>()
        where T : unmanaged, IVector<T> => BlockFloats<T>() + EdgeFloats<T>();

    private readonly nint EdgeFloats<T>()
        where T : unmanaged, IVector<T> => (TileRows * 2 * T.Count + 15) / 16 * 16;

    /// <summary>Does one worker's share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int worker, int workers)
        where T : unmanaged, IVector<T>
    {
        ProductShare share = ShareOf<T>(worker, workers);
        for (int k = 0; k < K && share.Panels > 0; k += DepthBlock)
        {
            for (int block = 0; block < share.Blocks; block++)
            {
                PackBlock<T>(share.BlockStart(block), share.BlockStart(block + 1), k, Math.Min(DepthBlock, K - k), share.Memory);
                if (k + DepthBlock >= K && block == share.Blocks - 1)
                    break;
                for (int panel = 0; panel < share.Panels; panel++)
                    RunPanel<T>(share, share, panel, block, k);
            }
        }

        if (share.Panels > 0)
            Claims.Open(worker);
        for (int other = 0; other < workers; other++)
        {
            int owner = (worker + other) % workers;
            RunLastBlock<T>(ShareOf<T>(owner, workers), share, owner);
        }
    }

    /// <summary>What nobody has claimed of the last block of a share.</summary>
    private readonly void RunLastBlock<T>(in ProductShare owner, in ProductShare own, int worker)
        where T : unmanaged, IVector<T>
    {
        for (int panel = Claims.Take(worker); panel >= 0 && panel < owner.Panels; panel = Claims.Take(worker))
            RunPanel<T>(owner, own, panel, owner.Blocks - 1, (K - 1) / DepthBlock * DepthBlock);
    }

    private readonly ProductShare ShareOf<T>(int worker, int workers)
        where T : unmanaged, IVector<T> => new(
            SplitRows ? Partition.Of(M, worker, workers, TileRows) : new Partition(0, M),
            SplitRows ? new Partition(0, N) : Partition.Of(N, worker, workers, 2 * T.Count),
            2 * T.Count, RowBlock, Workspace + worker * WorkspaceStride);

    /// <summary>One block of the owner's rows times one of its panels, which the first block packs. The worker that computes may be another.</summary>
    private readonly void RunPanel<T>(in ProductShare owner, in ProductShare own, int panel, int block, int k)
        where T : unmanaged, IVector<T>
    {
        int width = 2 * T.Count, column = owner.FirstColumn + panel * width, depth = Math.Min(DepthBlock, K - k);
        float* packed = KeepsPanels ? owner.Memory + PanelsAt<T>() + (nint)panel * width * DepthBlock : own.Memory + PanelsAt<T>();
        if (block == 0)
            PackPanel<T>(column, k, depth, packed);
        PanelPrefetch next = block > 0 ? default
            : panel + 1 < owner.Panels ? Prefetch(column + width, k, width, depth)
            : Prefetch(owner.FirstColumn, k + DepthBlock, width, depth);
        int row = owner.BlockStart(block), end = owner.BlockStart(block + 1);
        // Shares of columns have the same rows: each worker packed them, too.
        float* aBlock = SplitRows ? owner.Memory : own.Memory, edge = own.Memory + BlockFloats<T>();
        if (Form == MatMulForm.TN)
            RunTiles<T, StripLayout<T>>(row, end, column, k, depth, aBlock, packed, edge, next);
        else
            RunTiles<T, RowLayout>(row, end, column, k, depth, aBlock, packed, edge, next);
    }

    /// <summary>The panel that is packed next, asked for by tiles of <paramref name="tileDepth"/>; nothing behind the last k.</summary>
    private readonly PanelPrefetch Prefetch(int column, int k, int width, int tileDepth)
    {
        int depth = Math.Min(DepthBlock, K - k), columns = Math.Min(width, N - column);
        if (depth <= 0)
            return default;
        return Form == MatMulForm.NT
            ? new PanelPrefetch(B + column * BRow + k, BRow, columns, depth, alongRows: true, tileDepth)
            : new PanelPrefetch(B + k * BRow + column, BRow, depth, columns, alongRows: false, tileDepth);
    }

    /// <summary>The tiles of one panel, from above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void RunTiles<T, L>(
        int row, int end, int column, int k, int depth, float* aBlock, float* panel, float* edge, PanelPrefetch next)
        where T : unmanaged, IVector<T>
        where L : IBlockLayout
    {
        int tiles = (end - row + TileRows - 1) / TileRows, small = (end - row) / tiles, larger = end - row - small * tiles;
        int columns = Math.Min(2 * T.Count, N - column);
        int stridesPerTile = next.StridesPerTile(tiles);
        bool continues = k > 0 || Accumulate;
        bool whole = columns == 2 * T.Count;
        if (k == 0 && Accumulate && Bias != null)
            AddBias(row, end, column, columns);
        var tile = new Tile
        {
            Depth = depth,
            A = aBlock,
            B = panel,
            C = whole ? C + row * CRow + column : edge,
            CRow = whole ? CRow : 2 * T.Count,
        };
        if (whole)
        {
            tile.Addend = continues ? tile.C : Bias == null ? null : Bias + column;
            tile.AddendRow = continues ? CRow : 0;
        }
        for (int t = 0; t < tiles; t++)
        {
            int rows = t < larger ? small + 1 : small;
            next.Advance(stridesPerTile, ref tile);
            MicroKernels.Run<T, L>(rows, tile);
            tile.A += L.Row == 1 ? StripLayout<T>.Length(depth) : rows * L.Row;
            if (whole)
            {
                tile.C += rows * CRow;
                tile.Addend += rows * tile.AddendRow;
            }
            else
            {
                StoreEdge(edge, 2 * T.Count, row, rows, column, columns, continues);
            }
            row += rows;
        }
    }

    private readonly void PackPanel<T>(int column, int k, int depth, float* panel)
        where T : unmanaged, IVector<T>
    {
        int columns = Math.Min(2 * T.Count, N - column);
        if (Form == MatMulForm.NT)
            Packing.Columns<T>(B + column * BRow + k, BRow, depth, columns, panel);
        else
            Packing.Rows<T>(B + k * BRow + column, BRow, depth, columns, panel);
    }

    /// <summary>
    /// Copies the block of A: as rows of <see cref="DepthBlock"/>, or as one strip for each tile where A is transposed.
    /// In place, rows whose distance is a power of two would compete for the same cache sets.
    /// </summary>
    private readonly void PackBlock<T>(int row, int end, int k, int depth, float* aBlock)
        where T : unmanaged, IVector<T>
    {
        if (Form != MatMulForm.TN)
            Packing.Block<T>(A + row * ARow + k, ARow, end - row, depth, aBlock);
        else
            Packing.Strips<T>(A + k * ARow + row, ARow, depth, end - row, (end - row + TileRows - 1) / TileRows, M - row, aBlock);
    }

    private readonly void AddBias(int row, int end, int column, int columns)
    {
        for (; row < end; row++)
        {
            for (int j = column; j < column + columns; j++)
                C[row * CRow + j] += Bias[j];
        }
    }

    /// <summary>The columns of an incomplete panel, with the addition that the micro-kernel left out.</summary>
    private readonly void StoreEdge(float* edge, int edgeRow, int row, int rows, int column, int columns, bool continues)
    {
        for (int i = 0; i < rows; i++, row++)
        {
            float* c = C + row * CRow + column;
            for (int j = 0; j < columns; j++)
            {
                float sum = edge[i * edgeRow + j];
                c[j] = continues ? c[j] + sum : Bias == null ? sum : Bias[column + j] + sum;
            }
        }
    }
}
