using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>How a gradient is compared with differences of the loss.</summary>
/// <param name="Step">Length h of the step along a direction of norm 1.</param>
/// <param name="Tolerance">Largest relative error that passes.</param>
/// <param name="Directions">Random directions per variable.</param>
/// <param name="Seed">Seed of the directions, and of shapes and data in <see cref="GradientCheck.Operations"/>.</param>
public sealed record GradientCheckSettings(double Step, double Tolerance, int Directions, int Seed)
{
    /// <summary>For a device that computes in double precision: relative error at most 1e-6.</summary>
    public static GradientCheckSettings DoublePrecision { get; } = new(Step: 1e-3, Tolerance: 1e-6, Directions: 3, Seed: 1);

    /// <summary>For a device that computes in single precision: the differences carry the rounding of the loss, hence the wide step.</summary>
    public static GradientCheckSettings SinglePrecision { get; } = new(Step: 0.05, Tolerance: 1e-3, Directions: 3, Seed: 1);
}

/// <summary>Outcome of one check.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="RelativeError">Largest error over all variables and directions.</param>
/// <param name="Variable">The variable that had it.</param>
/// <param name="Tolerance">Largest error that passes.</param>
public sealed record GradientCheckResult(string Name, double RelativeError, string Variable, double Tolerance)
{
    /// <summary>Whether the gradient is right; false for NaN.</summary>
    public bool Passed => RelativeError <= Tolerance;
}

/// <summary>Something the loss depends on.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Value">Its elements, perturbed during the check and restored after it.</param>
/// <param name="Gradient">Where Backward writes its gradient; as long as <paramref name="Value"/>.</param>
public readonly record struct GradientVariable(string Name, View Value, View Gradient);

/// <summary>
/// Compares gradients with the loss itself: along random directions v of norm 1, ⟨v, g⟩ must equal the slope of the loss, taken from the
/// five-point difference (8(L(h) − L(−h)) − (L(2h) − L(−2h))) / 12h. The directions of one variable leave the others alone.
/// </summary>
/// <remarks>
/// The error is |slope − ⟨v, g⟩| over the largest of |slope|, |⟨v, g⟩| and ‖g‖/√n, the usual slope along a random direction: where the loss
/// hardly changes, rounding is not measured against itself. A kink (ReLU at 0) inside a step shows up as an error of the check.
/// </remarks>
public static class GradientCheck
{
    /// <summary>Checks the backward of a tape.</summary>
    /// <param name="name">Name of the result.</param>
    /// <param name="tape">A sealed training tape; its dropout key stays as it is, so every evaluation drops the same elements.</param>
    /// <param name="variables">What to differentiate by: parameters of the tape, or a flat buffer that holds several.</param>
    /// <param name="loss">
    /// Called after every Forward: reads the outputs, returns the loss, and writes what Backward starts from (gradients of outputs, or the
    /// coefficients of a <see cref="VectorLoss"/>). Decisions that are constants of the gradient must not change between calls.
    /// </param>
    /// <param name="settings">Step, tolerance, directions, seed.</param>
    public static GradientCheckResult Run(
        string name, Tape tape, IReadOnlyList<GradientVariable> variables, Func<double> loss, GradientCheckSettings settings)
    {
        Device device = tape.Device;
        double Evaluate()
        {
            tape.Forward();
            return loss();
        }

        Evaluate();
        tape.Backward();
        double[][] gradients = [.. variables.Select(variable => Download(device, variable.Gradient))];
        double usualSlope = Math.Sqrt(gradients.Sum(Dot) / gradients.Sum(gradient => gradient.Length));
        var random = new Random(settings.Seed);
        var worst = new GradientCheckResult(name, 0, "none", settings.Tolerance);
        for (int i = 0; i < variables.Count; i++)
        {
            for (int repeat = 0; repeat < settings.Directions; repeat++)
            {
                double[] direction = Direction(random, gradients[i].Length);
                double slope = Slope(device, variables[i].Value, direction, Evaluate, settings.Step);
                double predicted = Dot(direction, gradients[i]);
                double scale = Math.Max(Math.Max(Math.Abs(slope), Math.Abs(predicted)), usualSlope);
                double error = scale == 0 ? 0 : Math.Abs(slope - predicted) / scale;
                if (!(error <= worst.RelativeError))
                    worst = worst with { RelativeError = error, Variable = variables[i].Name };
            }
        }

        return worst;
    }

    /// <summary>
    /// Checks every operation of the tape with random data, odd shapes and dropout.
    /// </summary>
    /// <param name="device">Where; <see cref="GradientCheckSettings.DoublePrecision"/> needs the Reference device.</param>
    /// <param name="settings">Step, tolerance, directions, seed.</param>
    /// <returns>One result per operation and variant: the worst of several shapes.</returns>
    public static IReadOnlyList<GradientCheckResult> Operations(Device device, GradientCheckSettings settings) =>
        [.. GradientCheckCases.All.Select(check => Worst(
            Enumerable.Range(0, GradientCheckCases.Repeats).Select(repeat => Run(check, device, settings, repeat))))];

    internal static GradientCheckResult Run(GradientCheckCase check, Device device, GradientCheckSettings settings, int repeat)
    {
        using var subject = new GradientCheckSubject(device, new Random(settings.Seed + repeat));
        check.Record(subject);
        subject.Seal();
        return Run(check.Name, subject.Tape, subject.Variables, subject.Loss, settings);
    }

    private static GradientCheckResult Worst(IEnumerable<GradientCheckResult> results) =>
        results.Aggregate((a, b) => b.RelativeError <= a.RelativeError ? a : b);

    private static double Slope(Device device, View variable, double[] direction, Func<double> evaluate, double step)
    {
        double[] original = Download(device, variable);
        var moved = new double[original.Length];
        double At(double distance)
        {
            for (int i = 0; i < moved.Length; i++)
                moved[i] = original[i] + distance * direction[i];
            device.Upload(moved, variable);
            return evaluate();
        }

        double slope = (8 * (At(step) - At(-step)) - (At(2 * step) - At(-2 * step))) / (12 * step);
        device.Upload(original, variable);
        return slope;
    }

    private static double[] Direction(Random random, int length)
    {
        var direction = new double[length];
        for (int i = 0; i < length; i++)
            direction[i] = GradientCheckSubject.Normal(random);
        double norm = Math.Sqrt(Dot(direction));
        for (int i = 0; i < length; i++)
            direction[i] /= norm;
        return direction;
    }

    private static double[] Download(Device device, View view)
    {
        var values = new double[view.Length];
        device.Download(view, values);
        return values;
    }

    private static double Dot(double[] a) => Dot(a, a);

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
