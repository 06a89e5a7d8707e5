using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>The part of C that one worker computes: rows in even blocks, columns in panels; and its memory.</summary>
internal readonly unsafe struct ProductShare
{
    private readonly Partition _rows;

    /// <param name="rows">Rows of C.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="panelWidth">Columns of a panel.</param>
    /// <param name="rowBlock">Most rows of a block.</param>
    /// <param name="memory">The worker's workspace.</param>
    public ProductShare(Partition rows, Partition columns, int panelWidth, int rowBlock, float* memory)
    {
        _rows = rows;
        FirstColumn = (int)columns.Start;
        Memory = memory;
        int count = Rows;
        Blocks = (count + rowBlock - 1) / rowBlock;
        Panels = count <= 0 ? 0 : (int)((columns.End - columns.Start + panelWidth - 1) / panelWidth);
    }

    /// <summary>First column of its first panel.</summary>
    public int FirstColumn { get; }

    /// <summary>Number of panels; 0 for a worker that has nothing to do.</summary>
    public int Panels { get; }

    /// <summary>Number of blocks of rows.</summary>
    public int Blocks { get; }

    /// <summary>The packed block of A, the edge tile and the packed panels.</summary>
    public float* Memory { get; }

    private int Rows => (int)(_rows.End - _rows.Start);

    /// <summary>First row of a block; of the one behind the last, the end.</summary>
    public int BlockStart(int block) => (int)_rows.Start + (int)((long)Rows * block / Blocks);
}
