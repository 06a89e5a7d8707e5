using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void LayerNormForward(MatrixView x, View gamma, View beta, MatrixView y, View mean, View rstd) => Run(
        new LayerNormForwardKernel
        {
            X = Pointer(x),
            Gamma = Pointer(gamma),
            Beta = Pointer(beta),
            Y = Pointer(y),
            Mean = Pointer(mean),
            Rstd = Pointer(rstd),
            Rows = x.Rows,
            Columns = x.Columns,
        },
        (long)x.Rows * x.Columns);

    public void LayerNormBackward(
        MatrixView dY, MatrixView x, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulate, View dGamma, View dBeta, bool accumulateParameters)
    {
        Run(
            new LayerNormBackwardKernel
            {
                DY = Pointer(dY),
                X = Pointer(x),
                Gamma = Pointer(gamma),
                Mean = Pointer(mean),
                Rstd = Pointer(rstd),
                DX = Pointer(dX),
                Rows = x.Rows,
                Columns = x.Columns,
                Accumulate = accumulate,
            },
            (long)x.Rows * x.Columns);
        LayerNormParametersBackward(dY, x, mean, rstd, dGamma, dBeta, accumulateParameters);
    }

    private void LayerNormParametersBackward(MatrixView dY, MatrixView x, View mean, View rstd, View dGamma, View dBeta, bool accumulate) => Run(
        new LayerNormParametersKernel
        {
            DY = Pointer(dY),
            X = Pointer(x),
            Mean = Pointer(mean),
            Rstd = Pointer(rstd),
            DGamma = Pointer(dGamma),
            DBeta = Pointer(dBeta),
            Rows = x.Rows,
            Columns = x.Columns,
            Accumulate = accumulate,
        },
        (long)x.Rows * x.Columns);

    /// <summary>Two passes over a row whose sum is known: the variance about the mean, then y; returns mean and rstd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Mean, float Rstd) NormalizeRow<L>(float* x, float sum, float* gamma, float* beta, float* y, long columns, float* buffer)
        where L : unmanaged, ILanes16<L>
    {
        float mean = sum / columns;
        L center = L.Create(mean), squares = default;
        for (long c = 0; c < columns; c += 16)
        {
            L difference = Part.Load<L>(x + c, columns - c, buffer, fill: mean) - center;
            squares = L.Fma(difference, difference, squares);
        }

        float rstd = 1 / MathF.Sqrt(L.Sum(squares) / columns + (float)LayerNorm.Epsilon);
        L scale = L.Create(rstd);
        for (long c = 0; c < columns; c += 16)
        {
            L normal = (Part.Load<L>(x + c, columns - c, buffer) - center) * scale;
            L result = L.Fma(normal, Part.Load<L>(gamma + c, columns - c, buffer), Part.Load<L>(beta + c, columns - c, buffer));
            Part.Store(result, y + c, columns - c, buffer);
        }

        return (mean, rstd);
    }

    /// <summary>The row's means of g = dY·γ and of g·x̂.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float G, float GX) GradientMeans<L>(float* dY, float* x, float* gamma, float mean, float rstd, long columns, float* buffer)
        where L : unmanaged, ILanes16<L>
    {
        L sumG = default, sumGX = default;
        for (long c = 0; c < columns; c += 16)
        {
            L g = Part.Load<L>(dY + c, columns - c, buffer) * Part.Load<L>(gamma + c, columns - c, buffer);
            L normal = (Part.Load<L>(x + c, columns - c, buffer) - L.Create(mean)) * L.Create(rstd);
            sumG += g;
            sumGX = L.Fma(g, normal, sumGX);
        }

        return (L.Sum(sumG) / columns, L.Sum(sumGX) / columns);
    }

    /// <summary>dX of up to 16 elements, given the means of <see cref="GradientMeans"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L NormalGradient<L>(L dY, L x, L gamma, float mean, float rstd, float meanG, float meanGX)
        where L : unmanaged, ILanes16<L>
    {
        L normal = (x - L.Create(mean)) * L.Create(rstd);
        return L.Create(rstd) * L.Fma(normal, L.Create(-meanGX), dY * gamma - L.Create(meanG));
    }

    private struct LayerNormForwardKernel : IHostKernel
    {
        public float* X, Gamma, Beta, Y, Mean, Rstd;
        public int Rows, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* gamma = Gamma, beta = Beta;
            long columns = Columns;
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* x = X + r * columns;
                L sum = default;
                for (long c = 0; c < columns; c += 16)
                    sum += Part.Load<L>(x + c, columns - c, buffer);
                (Mean[r], Rstd[r]) = NormalizeRow<L>(x, L.Sum(sum), gamma, beta, Y + r * columns, columns, buffer);
            }
        }
    }

    private struct LayerNormBackwardKernel : IHostKernel
    {
        public float* DY, X, Gamma, Mean, Rstd, DX;
        public int Rows, Columns;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* gamma = Gamma;
            long columns = Columns;
            bool accumulate = Accumulate;
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* dY = DY + r * columns, x = X + r * columns, dX = DX + r * columns;
                float mean = Mean[r], rstd = Rstd[r];
                (float meanG, float meanGX) = GradientMeans<L>(dY, x, gamma, mean, rstd, columns, buffer);
                for (long c = 0; c < columns; c += 16)
                {
                    long rest = columns - c;
                    L gradient = NormalGradient(
                        Part.Load<L>(dY + c, rest, buffer), Part.Load<L>(x + c, rest, buffer), Part.Load<L>(gamma + c, rest, buffer),
                        mean, rstd, meanG, meanGX);
                    Part.Store(gradient, dX + c, rest, buffer, accumulate);
                }
            }
        }
    }

    /// <summary>dGamma and dBeta: sums over rows, so the columns are split.</summary>
    private struct LayerNormParametersKernel : IHostKernel
    {
        public float* DY, X, Mean, Rstd, DGamma, DBeta;
        public int Rows, Columns;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* mean = Mean, rstd = Rstd;
            long rows = Rows, stride = Columns;
            bool accumulate = Accumulate;
            Partition columns = Partition.Of(Columns, worker, workers, granule: 32);
            for (long c = columns.Start; c < columns.End; c += 32)
            {
                long rest = columns.End - c, second = Math.Max(0, rest - 16);
                float* dY = DY + c, x = X + c;
                L gamma0 = default, gamma1 = default, beta0 = default, beta1 = default;
                for (long r = 0; r < rows; r++, dY += stride, x += stride)
                {
                    L center = L.Create(mean[r]), scale = L.Create(rstd[r]);
                    L d0 = Part.Load<L>(dY, rest, buffer), d1 = Part.Load<L>(dY + 16, second, buffer);
                    gamma0 = L.Fma(d0, (Part.Load<L>(x, rest, buffer) - center) * scale, gamma0);
                    gamma1 = L.Fma(d1, (Part.Load<L>(x + 16, second, buffer) - center) * scale, gamma1);
                    beta0 += d0;
                    beta1 += d1;
                }

                Part.Store(gamma0, DGamma + c, rest, buffer, accumulate);
                Part.Store(gamma1, DGamma + c + 16, second, buffer, accumulate);
                Part.Store(beta0, DBeta + c, rest, buffer, accumulate);
                Part.Store(beta1, DBeta + c + 16, second, buffer, accumulate);
            }
        }
    }
}
