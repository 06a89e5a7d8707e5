using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>One step of AdamW over flat memory. Launch: ⌈count/1024⌉ groups of 256, four elements a work item.</summary>
internal static partial class AdamWKernels
{
    // Elements of the step's settings in device memory.
    private const int Decay = 0, Beta1 = 1, Rest1 = 2, Beta2 = 3, Rest2 = 4, RootScale = 5, Epsilon = 6, NegativeStep = 7, MaxNorm = 8;

    /// <summary>Computes the settings of a step in double and writes them where the kernel reads them.</summary>
    public static void Write(AdamWSettings settings, Span<float> step)
    {
        double correction1 = 1 - Math.Pow(settings.Beta1, settings.Step), correction2 = 1 - Math.Pow(settings.Beta2, settings.Step);
        step[Decay] = (float)(1 - settings.LearningRate * settings.WeightDecay);
        step[Beta1] = (float)settings.Beta1;
        step[Rest1] = (float)(1 - settings.Beta1);
        step[Beta2] = (float)settings.Beta2;
        step[Rest2] = (float)(1 - settings.Beta2);
        step[RootScale] = (float)(1 / Math.Sqrt(correction2));
        step[Epsilon] = (float)settings.Epsilon;
        step[NegativeStep] = (float)(-settings.LearningRate / correction1);
        step[MaxNorm] = (float)settings.MaxGradientNorm;
    }

    /// <summary>
    /// g' = g·min(1, max/(norm + 1e-6)); m ← β₁m + (1−β₁)g'; v ← β₂v + (1−β₂)g'²; p ← p·(1 − lr·wd) − lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε).
    /// Writes nothing when the norm is not finite.
    /// </summary>
    [Kernel(256)]
    public static void AdamW(
        ArrayView<float> parameters, ArrayView<float> gradient, ArrayView<float> firstMoment, ArrayView<float> secondMoment,
        ArrayView<float> gradientNorm, ArrayView<float> step, int count, int vector)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX), valid = count - at;
        float norm = gradientNorm[0];
        if (valid <= 0 || !(XMath.Abs(norm) <= 3.40282347e38f))
            return;
        float clip = XMath.Min(1f, step[MaxNorm] / (norm + 1e-6f)), scale = step[RootScale], epsilon = step[Epsilon];
        Float4 g = Quad.Scale(Quad.Load(gradient, vector, at, valid), clip);
        Float4 m = Quad.ScaledAdd(step[Beta1], Quad.Load(firstMoment, vector, at, valid), Quad.Scale(g, step[Rest1]));
        Float4 v = Quad.ScaledAdd(step[Beta2], Quad.Load(secondMoment, vector, at, valid), Quad.Scale(Quad.Multiply(g, g), step[Rest2]));
        var change = new Float4(
            m.X / XMath.Fma(XMath.Sqrt(v.X), scale, epsilon),
            m.Y / XMath.Fma(XMath.Sqrt(v.Y), scale, epsilon),
            m.Z / XMath.Fma(XMath.Sqrt(v.Z), scale, epsilon),
            m.W / XMath.Fma(XMath.Sqrt(v.W), scale, epsilon));
        Float4 p = Quad.ScaledAdd(step[NegativeStep], change, Quad.Scale(Quad.Load(parameters, vector, at, valid), step[Decay]));
        Quad.Store(parameters, vector, at, valid, p);
        Quad.Store(firstMoment, vector, at, valid, m);
        Quad.Store(secondMoment, vector, at, valid, v);
    }
}

internal sealed partial class GpuOperations
{
    public void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, AdamWSettings settings)
    {
        int count = checked((int)parameters.Length);
        AdamWKernels.AdamW(
            _device, new LaunchSize(Groups(count, 1024)), parameters, gradient, firstMoment, secondMoment, gradientNorm,
            _stepScalars.Of(settings), count, Vector(parameters, gradient, firstMoment, secondMoment));
    }
}
