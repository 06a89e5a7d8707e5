using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Host;

public sealed class MatMulTests
{
    private static readonly VectorWidth[] Widths = [VectorWidth.Scalar, VectorWidth.V128, VectorWidth.V256, VectorWidth.V512];

    /// <summary>Sizes around the blocks, tiles and panels of every width, besides random ones.</summary>
    private static readonly (int M, int N, int K)[] Sizes =
    [
        (1, 1, 1), (1, 33, 7), (7, 1, 5), (5, 16, 256), (6, 32, 257), (10, 31, 513), (11, 64, 1), (160, 48, 96),
        (241, 17, 300), (500, 20, 40), (13, 200, 520),
    ];

    public static TheoryData<MatMulForm> Forms => [MatMulForm.NN, MatMulForm.NT, MatMulForm.TN];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_width_and_thread_count_gives_the_same_right_bits(MatMulForm form)
    {
        var random = new Random((int)form + 1);
        using var device = new HostDevice(1);
        var runners = (from width in Widths from threads in new[] { 1, 2, 3 } select new HostOperations(threads, width)).ToArray();
        for (int round = 0; round < 60; round++)
        {
            (int m, int n, int k) = round < Sizes.Length ? Sizes[round] : (random.Next(1, 90), random.Next(1, 90), random.Next(1, 90));
            bool bias = random.Next(2) == 0, accumulate = random.Next(2) == 0;
            using var problem = new Problem(device, random, form, m, n, k, bias, accumulate);
            double[] expected = problem.Plain();
            float[]? first = null;
            foreach (HostOperations operations in runners)
            {
                float[] result = problem.Run(operations);
                string where = $"{form} {m}x{n}x{k} bias {bias} accumulate {accumulate} width {operations.Width} threads {operations.Threads}";
                Assert.True(Nmse(expected, result) <= 1e-10, where);
                Assert.True(first is null || result.AsSpan().SequenceEqual(first), "bits differ: " + where);
                first ??= result;
            }
        }
        foreach (HostOperations operations in runners)
            operations.Dispose();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Nothing_outside_the_result_is_written_or_read(MatMulForm form)
    {
        // The problem surrounds each matrix with NaN: reading one would spoil the result, writing there is counted.
        var random = new Random(17);
        using var device = new HostDevice(1);
        foreach (VectorWidth width in Widths)
        {
            using var operations = new HostOperations(2, width);
            foreach ((int m, int n, int k) in Sizes)
            {
                using var problem = new Problem(device, random, form, m, n, k, bias: true, accumulate: false);
                float[] result = problem.Run(operations);
                Assert.DoesNotContain(result, float.IsNaN);
                Assert.Equal(problem.Surroundings, problem.CountNaN());
            }
        }
    }

    [Fact]
    public void NaN_and_infinity_reach_the_result()
    {
        using var device = new HostDevice(2);
        using var operations = new HostOperations(2, device.Width);
        using Buffer a = device.Allocate(6), b = device.Allocate(6), c = device.Allocate(4);
        device.Upload([1f, 2f, 3f, float.NaN, 0f, 0f], a.All);
        device.Upload([1f, 1f, 1f, 1f, 1f, float.PositiveInfinity], b.All);
        operations.MatMul(MatMulForm.NT, a.All.AsMatrix(2, 3), b.All.AsMatrix(2, 3), c.All.AsMatrix(2, 2), default, accumulate: false);
        float[] result = new float[4];
        device.Download(c.All, result);
        Assert.Equal([6f, float.PositiveInfinity, float.NaN, float.NaN], result);
    }

    [Fact]
    public void A_call_allocates_nothing()
    {
        var random = new Random(3);
        using var device = new HostDevice(2);
        using var operations = new HostOperations(2, device.Width);
        using var problem = new Problem(device, random, MatMulForm.TN, 70, 50, 300, bias: true, accumulate: false);
        problem.Multiply(operations);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            problem.Multiply(operations);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static double Nmse(double[] expected, float[] actual)
    {
        double error = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += (expected[i] - actual[i]) * (expected[i] - actual[i]);
            size += expected[i] * expected[i];
        }
        return size == 0 ? error : error / size;
    }

    /// <summary>One product with random strides and offsets.</summary>
    private sealed class Problem : IDisposable
    {
        private readonly HostDevice _device;
        private readonly MatMulForm _form;
        private readonly int _m;
        private readonly int _n;
        private readonly int _k;
        private readonly bool _accumulate;
        private readonly MatrixView _a;
        private readonly MatrixView _b;
        private readonly MatrixView _c;
        private readonly View _bias;
        private readonly float[] _start;

        public Problem(HostDevice device, Random random, MatMulForm form, int m, int n, int k, bool bias, bool accumulate)
        {
            (_device, _form, _m, _n, _k, _accumulate) = (device, form, m, n, k, accumulate);
            _a = form == MatMulForm.TN ? New(random, k, m) : New(random, m, k);
            _b = form == MatMulForm.NT ? New(random, n, k) : New(random, k, n);
            _c = New(random, m, n);
            _bias = bias ? New(random, 1, n).Data : default;
            _start = All(_c);
        }

        public int Surroundings => _start.Length - _m * _n;

        public int CountNaN() => All(_c).Count(float.IsNaN);

        public void Multiply(HostOperations operations) => operations.MatMul(_form, _a, _b, _c, _bias, _accumulate);

        public float[] Run(HostOperations operations)
        {
            _device.Upload(_start, _c.Data.Buffer.All);
            Multiply(operations);
            return Read(_c);
        }

        public double[] Plain()
        {
            float[] a = Read(_a), b = Read(_b), c = Read(_c), bias = _bias.IsEmpty ? new float[_n] : Read(_bias.AsMatrix(1, _n));
            double[] result = new double[_m * _n];
            for (int i = 0; i < _m; i++)
            {
                for (int j = 0; j < _n; j++)
                {
                    double sum = bias[j] + (_accumulate ? c[i * _n + j] : 0.0);
                    for (int p = 0; p < _k; p++)
                    {
                        double left = _form == MatMulForm.TN ? a[p * _m + i] : a[i * _k + p];
                        sum += left * (_form == MatMulForm.NT ? b[j * _k + p] : b[p * _n + j]);
                    }
                    result[i * _n + j] = sum;
                }
            }
            return result;
        }

        public void Dispose()
        {
            _a.Data.Buffer.Dispose();
            _b.Data.Buffer.Dispose();
            _c.Data.Buffer.Dispose();
            _bias.Buffer?.Dispose();
        }

        private MatrixView New(Random random, int rows, int columns)
        {
            int stride = columns + random.Next(5), offset = random.Next(4);
            long length = (long)(rows - 1) * stride + columns;
            Buffer buffer = _device.Allocate(offset + length + 3);
            float[] values = new float[buffer.Length];
            Array.Fill(values, float.NaN);
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++)
                    values[offset + r * stride + c] = (float)(random.NextDouble() * 2 - 1);
            }
            _device.Upload(values, buffer.All);
            return new MatrixView(new View(buffer, offset, length), rows, columns, stride);
        }

        private float[] All(MatrixView matrix)
        {
            float[] values = new float[matrix.Data.Buffer.Length];
            _device.Download(matrix.Data.Buffer.All, values);
            return values;
        }

        private float[] Read(MatrixView matrix)
        {
            float[] values = All(matrix), dense = new float[matrix.Rows * matrix.Columns];
            for (int r = 0; r < matrix.Rows; r++)
                Array.Copy(values, matrix.Data.Offset + r * matrix.Stride, dense, r * matrix.Columns, matrix.Columns);
            return dense;
        }
    }
}
