using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests;

/// <summary>
/// The random shapes and numbers of one case on one device. Only the seed decides them, so every device sees the same.
/// Every view starts at an odd offset inside a larger buffer whose other elements must not change.
/// </summary>
internal sealed class CaseData(Device device, int seed) : IDisposable
{
    private static readonly int[] Sizes = [1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 31, 32, 33, 47, 48, 61, 64, 67, 96, 101, 127, 128, 160, 257];

    private readonly Random _random = new(seed);
    private readonly List<Block> _blocks = [];

    /// <summary>Offsets, strides and most sizes are multiples of four floats, so that devices may use accesses of 16 bytes.</summary>
    public bool IsAligned { get; init; }

    /// <summary>One allocation: the view in it that an operation gets, and what was uploaded.</summary>
    private sealed record Block(Devices.Buffer Buffer, float[] Initial, MatrixView View, bool IsOutput, bool IsResult);

    /// <summary>
    /// A size up to <paramref name="maximum"/>; ones, primes and neighbours of multiples of 16 come up often. Every sixth seed
    /// draws from there up to twice the maximum, so that the work is enough for several threads.
    /// </summary>
    public int Size(int maximum)
    {
        if (seed % 6 == 5)
            return maximum + Below(maximum + 1);
        int size = Sizes[_random.Next(Sizes.Length)];
        size = size <= maximum && _random.Next(4) > 0 ? size : _random.Next(1, maximum + 1);
        return IsAligned && _random.Next(4) > 0 ? (size + 3) / 4 * 4 : size;
    }

    public bool Flag() => _random.Next(2) == 1;

    public int Below(int limit) => _random.Next(limit);

    public double Number() => 2 * _random.NextDouble() - 1;

    public Dropout Dropout()
    {
        var key = new RandomKey { Value = (ulong)_random.NextInt64() };
        float probability = new[] { 0, 0.1f, 0.5f }[_random.Next(3)];
        return new Dropout(probability, probability == 0 && Flag() ? null : key, (uint)_random.Next(100));
    }

    public MatrixView Input(int rows, int columns, Func<double>? number = null) => Add(rows, columns, columns, isOutput: false, number);

    public MatrixView StridedInput(int rows, int columns) => Add(rows, columns, StrideOf(columns), isOutput: false, number: null);

    public View InputVector(int length, Func<double>? number = null) => Input(1, length, number).Data;

    /// <summary>An output that holds numbers before the call: to be overwritten, updated or added to.</summary>
    public MatrixView Output(int rows, int columns, Func<double>? number = null) => Add(rows, columns, columns, isOutput: true, number);

    public MatrixView StridedOutput(int rows, int columns) => Add(rows, columns, StrideOf(columns), isOutput: true, number: null);

    public View OutputVector(int length, Func<double>? number = null) => Output(1, length, number).Data;

    /// <summary>Memory whose contents are the device's own: no result.</summary>
    public View Scratch(long length)
    {
        View view = OutputVector(checked((int)length));
        _blocks[^1] = _blocks[^1] with { IsResult = false };
        return view;
    }

    /// <summary>What stands in the outputs, in the order in which they were made.</summary>
    public List<double[]> Results()
    {
        var results = new List<double[]>();
        foreach (Block block in _blocks.Where(b => b.IsResult))
        {
            double[] values = new double[block.View.Rows * block.View.Columns];
            for (int r = 0; r < block.View.Rows; r++)
                device.Download(block.View.SliceRows(r, 1).Data, values.AsSpan(r * block.View.Columns, block.View.Columns));
            results.Add(values);
        }

        return results;
    }

    /// <summary>Fails where an element changed that is no output: an input, a gap between rows or a neighbour.</summary>
    public void AssertNothingElseChanged()
    {
        foreach (Block block in _blocks)
        {
            double[] all = Download(block);
            for (int i = 0; i < all.Length; i++)
            {
                if (!(block.IsOutput && Inside(block.View, i)) && !block.Initial[i].Equals((float)all[i]))
                    Assert.Fail($"Element {i} of a buffer with the view {block.View} was changed from {block.Initial[i]} to {all[i]}.");
            }
        }
    }

    public void Dispose() => _blocks.ForEach(b => b.Buffer.Dispose());

    private int StrideOf(int columns)
    {
        int stride = columns + Below(40);
        return IsAligned ? (stride + 3) / 4 * 4 : stride;
    }

    private MatrixView Add(int rows, int columns, int stride, bool isOutput, Func<double>? number)
    {
        int before = Below(9);
        if (IsAligned)
            before = before / 4 * 4;
        int used = (rows - 1) * stride + columns;
        float[] initial = new float[before + used + Below(20)];
        for (int i = 0; i < initial.Length; i++)
            initial[i] = (float)(number?.Invoke() ?? 2 * Number());
        Devices.Buffer buffer = device.Allocate(initial.Length);
        device.Upload(initial, buffer.All);
        var view = new MatrixView(buffer.All.Slice(before, used), rows, columns, stride);
        _blocks.Add(new Block(buffer, initial, view, isOutput, isOutput));
        return view;
    }

    private double[] Download(Block block)
    {
        double[] all = new double[block.Initial.Length];
        device.Download(block.Buffer.All, all);
        return all;
    }

    private static bool Inside(MatrixView view, int element)
    {
        long index = element - view.Data.Offset;
        return index >= 0 && index < view.Data.Length && index % view.Stride < view.Columns;
    }
}
