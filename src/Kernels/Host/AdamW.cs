using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, AdamWSettings settings)
    {
        double norm = *Pointer(gradientNorm);
        if (!double.IsFinite(norm))
            return;
        double correction1 = 1 - Math.Pow(settings.Beta1, settings.Step);
        double correction2 = 1 - Math.Pow(settings.Beta2, settings.Step);
        Run(
            new AdamWKernel
            {
                P = Pointer(parameters),
                G = Pointer(gradient),
                M = Pointer(firstMoment),
                V = Pointer(secondMoment),
                Count = parameters.Length,
                Clip = (float)Math.Min(1, settings.MaxGradientNorm / (norm + 1e-6)),
                Decay = (float)(1 - settings.LearningRate * settings.WeightDecay),
                Beta1 = (float)settings.Beta1,
                Rest1 = (float)(1 - settings.Beta1),
                Beta2 = (float)settings.Beta2,
                Rest2 = (float)(1 - settings.Beta2),
                RootScale = (float)(1 / Math.Sqrt(correction2)),
                Epsilon = (float)settings.Epsilon,
                NegativeStep = (float)(-settings.LearningRate / correction1),
            },
            parameters.Length);
    }

    private struct AdamWKernel : IHostKernel
    {
        public float* P, G, M, V;
        public long Count;
        public float Clip, Decay, Beta1, Rest1, Beta2, Rest2, RootScale, Epsilon, NegativeStep;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition part = Partition.Of(Count, worker, workers, granule: 1024);
            long whole = part.Start + (part.End - part.Start) / 16 * 16, rest = part.End - whole;
            Loop<L>(P + part.Start, G + part.Start, M + part.Start, V + part.Start, whole - part.Start);
            if (rest == 0)
                return;
            float* buffer = stackalloc float[64];
            var tail = new PaddedRows(buffer, rest);
            Loop<L>(tail.In(P + whole, 0), tail.In(G + whole, 1), tail.In(M + whole, 2), tail.In(V + whole, 3), 16);
            tail.Commit(P + whole, 0);
            tail.Commit(M + whole, 2);
            tail.Commit(V + whole, 3);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Loop<L>(float* parameters, float* gradient, float* first, float* second, long count)
            where L : unmanaged, ILanes16<L>
        {
            (float clip, float decay, float rootScale, float epsilon, float negativeStep) = (Clip, Decay, RootScale, Epsilon, NegativeStep);
            (float beta1, float rest1, float beta2, float rest2) = (Beta1, Rest1, Beta2, Rest2);
            for (long i = 0; i < count; i += 16)
            {
                L g = L.Load(gradient + i) * L.Create(clip);
                L m = L.Fma(g, L.Create(rest1), L.Load(first + i) * L.Create(beta1));
                L v = L.Fma(g * L.Create(rest2), g, L.Load(second + i) * L.Create(beta2));
                L direction = m / L.Fma(L.Sqrt(v), L.Create(rootScale), L.Create(epsilon));
                L.Store(m, first + i);
                L.Store(v, second + i);
                L.Store(L.Fma(direction, L.Create(negativeStep), L.Load(parameters + i) * L.Create(decay)), parameters + i);
            }
        }
    }
}
