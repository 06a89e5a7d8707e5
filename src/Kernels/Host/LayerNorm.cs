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
            Padding = Padding(x.Columns, LayerNormForwardKernel.PaddedSlots),
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
                Padding = Padding(x.Columns, LayerNormBackwardKernel.PaddedSlots),
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

    /// <summary>Two passes over a padded row whose sum is known: the variance about the mean, then y; returns mean and rstd.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Mean, float Rstd) NormalizeRow<L>(float* x, float sum, float* gamma, float* beta, float* y, long columns, long padded)
        where L : unmanaged, ILanes16<L>
    {
        float mean = sum / columns;
        // Padding, where there is any, must not add to the variance.
        for (long c = columns; c < padded; c++)
            x[c] = mean;
        L squares = default;
        for (long c = 0; c < padded; c += 16)
        {
            L difference = L.Load(x + c) - L.Create(mean);
            squares = L.Fma(difference, difference, squares);
        }

        float rstd = 1 / MathF.Sqrt(L.Sum(squares) / columns + (float)LayerNorm.Epsilon);
        for (long c = 0; c < padded; c += 16)
        {
            L normal = (L.Load(x + c) - L.Create(mean)) * L.Create(rstd);
            L.Store(L.Fma(normal, L.Load(gamma + c), L.Load(beta + c)), y + c);
        }

        return (mean, rstd);
    }

    /// <summary>The row's means of g = dY·γ and of g·x̂.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float G, float GX) GradientMeans<L>(float* dY, float* x, float* gamma, float mean, float rstd, long columns, long padded)
        where L : unmanaged, ILanes16<L>
    {
        L sumG = default, sumGX = default;
        for (long c = 0; c < padded; c += 16)
        {
            L g = L.Load(dY + c) * L.Load(gamma + c);
            L normal = (L.Load(x + c) - L.Create(mean)) * L.Create(rstd);
            sumG += g;
            sumGX = L.Fma(g, normal, sumGX);
        }

        return (L.Sum(sumG) / columns, L.Sum(sumGX) / columns);
    }

    /// <summary>dX of 16 elements, given the means of <see cref="GradientMeans"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L NormalGradient<L>(L dY, L x, L gamma, float mean, float rstd, float meanG, float meanGX)
        where L : unmanaged, ILanes16<L>
    {
        L normal = (x - L.Create(mean)) * L.Create(rstd);
        return L.Create(rstd) * L.Fma(normal, L.Create(-meanGX), L.Fma(dY, gamma, L.Create(-meanG)));
    }

    private struct LayerNormForwardKernel : IHostKernel
    {
        public const int PaddedSlots = 4;
        public float* X, Gamma, Beta, Y, Mean, Rstd, Padding;
        public int Rows, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            var row = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            float* gamma = row.In(Gamma, 0), beta = row.In(Beta, 1);
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* x = row.In(X + r * columns, 2), y = row.Out(Y + r * columns, 3);
                L sum = default;
                for (long c = 0; c < padded; c += 16)
                    sum += L.Load(x + c);
                (Mean[r], Rstd[r]) = NormalizeRow<L>(x, L.Sum(sum), gamma, beta, y, columns, padded);
                row.Commit(Y + r * columns, 3);
            }
        }
    }

    private struct LayerNormBackwardKernel : IHostKernel
    {
        public const int PaddedSlots = 4;
        public float* DY, X, Gamma, Mean, Rstd, DX, Padding;
        public int Rows, Columns;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            bool accumulate = Accumulate;
            var row = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            float* gamma = row.In(Gamma, 0);
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* dY = row.In(DY + r * columns, 1), x = row.In(X + r * columns, 2), dX = row.In(DX + r * columns, 3);
                float mean = Mean[r], rstd = Rstd[r];
                (float meanG, float meanGX) = GradientMeans<L>(dY, x, gamma, mean, rstd, columns, padded);
                for (long c = 0; c < padded; c += 16)
                    Put(NormalGradient(L.Load(dY + c), L.Load(x + c), L.Load(gamma + c), mean, rstd, meanG, meanGX), dX + c, accumulate);
                row.Commit(DX + r * columns, 3);
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
            float* mean = Mean, rstd = Rstd;
            long rows = Rows, stride = Columns;
            bool accumulate = Accumulate;
            Partition columns = Partition.Of(Columns, worker, workers, granule: 32);
            long c = columns.Start;
            for (; c + 32 <= columns.End; c += 32)
            {
                float* dY = DY + c, x = X + c;
                L gamma0 = default, gamma1 = default, beta0 = default, beta1 = default;
                for (long r = 0; r < rows; r++, dY += stride, x += stride)
                {
                    L center = L.Create(mean[r]), scale = L.Create(rstd[r]), d0 = L.Load(dY), d1 = L.Load(dY + 16);
                    gamma0 = L.Fma(d0, (L.Load(x) - center) * scale, gamma0);
                    gamma1 = L.Fma(d1, (L.Load(x + 16) - center) * scale, gamma1);
                    beta0 += d0;
                    beta1 += d1;
                }

                Put(gamma0, DGamma + c, accumulate);
                Put(gamma1, DGamma + c + 16, accumulate);
                Put(beta0, DBeta + c, accumulate);
                Put(beta1, DBeta + c + 16, accumulate);
            }

            for (; c < columns.End; c++)
            {
                float gamma = 0, beta = 0;
                for (long r = 0; r < rows; r++)
                {
                    gamma += DY[r * stride + c] * ((X[r * stride + c] - mean[r]) * rstd[r]);
                    beta += DY[r * stride + c];
                }

                DGamma[c] = accumulate ? DGamma[c] + gamma : gamma;
                DBeta[c] = accumulate ? DBeta[c] + beta : beta;
            }
        }
    }
}
