using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, AdamWSettings settings)
    {
        double norm = Read(gradientNorm)[0];
        if (!double.IsFinite(norm))
            return;
        Span<double> p = Read(parameters), g = Read(gradient), m = Read(firstMoment), v = Read(secondMoment);
        (double beta1, double beta2) = (settings.Beta1, settings.Beta2);
        double clip = Math.Min(1, settings.MaxGradientNorm / (norm + 1e-6));
        double correction1 = 1 - Math.Pow(beta1, settings.Step);
        double correction2 = 1 - Math.Pow(beta2, settings.Step);
        for (int i = 0; i < p.Length; i++)
        {
            double clipped = g[i] * clip;
            p[i] *= 1 - settings.LearningRate * settings.WeightDecay;
            m[i] = beta1 * m[i] + (1 - beta1) * clipped;
            v[i] = beta2 * v[i] + (1 - beta2) * clipped * clipped;
            p[i] -= settings.LearningRate / correction1 * m[i] / (Math.Sqrt(v[i]) / Math.Sqrt(correction2) + settings.Epsilon);
        }
    }
}
