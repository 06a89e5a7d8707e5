using System.Numerics.Tensors;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Evaluation;

/// <summary>
/// Sums of products AᵀB over blocks of rows: the products on the device in single precision, the sums on the host in double precision.
/// </summary>
internal sealed class ProductSums : IDisposable
{
    private const int RowsPerBlock = 4096;
    private const int PanelWidth = 512;

    private readonly Device _device;
    private readonly float[] _vectors;
    private readonly double[] _product;
    private readonly Kernels.Devices.Buffer _deviceVectors;
    private readonly Kernels.Devices.Buffer _deviceProduct;

    /// <summary>Makes room for blocks of X and Y and for the products of their columns.</summary>
    public ProductSums(Device device, IRegressionRows rows)
    {
        _device = device;
        BlockRows = Math.Min(RowsPerBlock, rows.Count);
        _vectors = new float[BlockRows * (rows.InputWidth + rows.OutputWidth)];
        _product = new double[rows.InputWidth * Math.Max(Math.Min(PanelWidth, rows.InputWidth), rows.OutputWidth)];
        _deviceVectors = device.Allocate(_vectors.Length);
        _deviceProduct = device.Allocate(_product.Length);
    }

    /// <summary>Most rows of X and Y in a block.</summary>
    public int BlockRows { get; }

    /// <summary>Numbers in a block: room for other matrices than X and Y.</summary>
    public int Capacity => _vectors.Length;

    /// <summary>Brings a block of rows onto the device, in the place of the one before.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="first">First row.</param>
    /// <param name="count">Number of rows, at most <see cref="BlockRows"/>.</param>
    public (MatrixView X, MatrixView Y) Load(IRegressionRows rows, int first, int count)
    {
        int inputs = count * rows.InputWidth, outputs = count * rows.OutputWidth;
        rows.Fill(first, count, _vectors.AsSpan(0, inputs), _vectors.AsSpan(inputs, outputs));
        View loaded = Upload(inputs + outputs);
        return (loaded.Slice(0, inputs).AsMatrix(count, rows.InputWidth), loaded.Slice(inputs, outputs).AsMatrix(count, rows.OutputWidth));
    }

    /// <summary>Brings any matrix of at most <see cref="Capacity"/> numbers onto the device, in the place of the block before.</summary>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="fill">Writes the columns of a row.</param>
    public MatrixView Load(int rows, int columns, FillRow fill)
    {
        for (int row = 0; row < rows; row++) fill(row, _vectors.AsSpan(row * columns, columns));
        return Upload(rows * columns).AsMatrix(rows, columns);
    }

    /// <summary>sum += AᵀB, or −=.</summary>
    public void Add(MatrixView a, MatrixView b, StridedMatrix sum, bool subtract = false)
    {
        View c = _deviceProduct.All.Slice(0, (long)a.Columns * b.Columns);
        _device.Operations.MatMul(MatMulForm.TN, a, b, c.AsMatrix(a.Columns, b.Columns), default, accumulate: false);
        Span<double> values = _product.AsSpan(0, (int)c.Length);
        _device.Download(c, values);
        for (int row = 0; row < a.Columns; row++)
        {
            Span<double> destination = sum.Run(row, b.Columns);
            ReadOnlySpan<double> added = values.Slice(row * b.Columns, b.Columns);
            if (subtract) TensorPrimitives.Subtract(destination, added, destination);
            else TensorPrimitives.Add(destination, added, destination);
        }
    }

    /// <summary>sum += AᵀA, or −=: the lower triangle, and of the upper one what lies in the way.</summary>
    public void AddLowerTriangle(MatrixView a, StridedMatrix sum, bool subtract = false)
    {
        for (int column = 0; column < a.Columns; column += PanelWidth)
        {
            MatrixView panel = a.SliceColumns(column, Math.Min(PanelWidth, a.Columns - column));
            Add(a.SliceColumns(column, a.Columns - column), panel, sum.At(column, column), subtract);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deviceVectors.Dispose();
        _deviceProduct.Dispose();
    }

    private View Upload(int length)
    {
        View destination = _deviceVectors.All.Slice(0, length);
        _device.Upload(_vectors.AsSpan(0, length), destination);
        return destination;
    }
}

/// <summary>Writes one row of a matrix.</summary>
internal delegate void FillRow(int row, Span<float> columns);
