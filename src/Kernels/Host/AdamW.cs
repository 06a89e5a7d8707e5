using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, in AdamWSettings settings)
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
            float* buffer = stackalloc float[16];
            float* parameters = P, gradient = G, first = M, second = V;
            (float clip, float decay, float rootScale, float epsilon, float negativeStep) = (Clip, Decay, RootScale, Epsilon, NegativeStep);
            (float beta1, float rest1, float beta2, float rest2) = (Beta1, Rest1, Beta2, Rest2);
            Partition part = Partition.Of(Count, worker, workers, granule: 1024);
            for (long i = part.Start; i < part.End; i += 16)
            {
                long rest = part.End - i;
                L g = Part.Load<L>(gradient + i, rest, buffer) * L.Create(clip);
                L m = L.Fma(g, L.Create(rest1), Part.Load<L>(first + i, rest, buffer) * L.Create(beta1));
                L v = L.Fma(g * L.Create(rest2), g, Part.Load<L>(second + i, rest, buffer) * L.Create(beta2));
                L direction = m / L.Fma(L.Sqrt(v), L.Create(rootScale), L.Create(epsilon));
                L p = L.Fma(direction, L.Create(negativeStep), Part.Load<L>(parameters + i, rest, buffer) * L.Create(decay));
                Part.Store(m, first + i, rest, buffer);
                Part.Store(v, second + i, rest, buffer);
                Part.Store(p, parameters + i, rest, buffer);
            }
        }
    }
}
