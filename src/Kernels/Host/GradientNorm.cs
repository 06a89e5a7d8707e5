using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    /// <summary>Elements summed in float before the sum goes on in double: one accumulator for all would lose small squares.</summary>
    private const int GradientNormBlock = 4096;

    private readonly Scratch _squaresPerBlock = new();

    public void GradientNorm(View gradient, View norm)
    {
        long blocks = (gradient.Length + GradientNormBlock - 1) / GradientNormBlock;
        double* squares = (double*)_squaresPerBlock.Floats(2 * blocks);
        Run(new GradientNormKernel { Gradient = Pointer(gradient), Count = gradient.Length, Blocks = blocks, Squares = squares }, gradient.Length);
        double sum = 0;
        for (long i = 0; i < blocks; i++)
            sum += squares[i];
        *Pointer(norm) = (float)Math.Sqrt(sum);
    }

    private struct GradientNormKernel : IHostKernel
    {
        public float* Gradient;
        public double* Squares;
        public long Count, Blocks;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition blocks = Partition.Of(Blocks, worker, workers);
            for (long block = blocks.Start; block < blocks.End; block++)
            {
                float* g = Gradient + block * GradientNormBlock;
                long count = Math.Min(GradientNormBlock, Count - block * GradientNormBlock), i = 0;
                L s0 = default, s1 = default, s2 = default, s3 = default;
                for (; i + 64 <= count; i += 64)
                {
                    (L g0, L g1, L g2, L g3) = (L.Load(g + i), L.Load(g + i + 16), L.Load(g + i + 32), L.Load(g + i + 48));
                    s0 = L.Fma(g0, g0, s0);
                    s1 = L.Fma(g1, g1, s1);
                    s2 = L.Fma(g2, g2, s2);
                    s3 = L.Fma(g3, g3, s3);
                }

                double sum = L.Sum((s0 + s1) + (s2 + s3));
                for (; i < count; i++)
                    sum += (double)g[i] * g[i];
                Squares[block] = sum;
            }
        }
    }
}
