using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Training;

/// <summary>
/// The gradient of the whole model with the whole loss, dropout on: in double precision against finite differences, in single precision
/// against the double-precision gradient. λ and skip are constants of the step (no gradient flows through them), so the differences use the
/// decisions of the unperturbed point.
/// </summary>
internal static class ModelGradientCheck
{
    /// <summary>Bar of a float gradient against the double one: float rounding of a few thousand sums, not a wrong formula.</summary>
    public const double SinglePrecisionTolerance = 1e-4;

    private const int Batch = 3;

    private static readonly VectorPredictorConfig Transformer = new() { InputDimension = 7, ModelDimension = 8, Layers = 2, Heads = 2, FeedForward = 12 };

    /// <summary>Every mode on a transformer; slot skips and the other architectures on the default mode, since no mode looks into a model.</summary>
    private static IEnumerable<(LossMode Mode, VectorPredictorConfig Config, string Name)> Models =>
    [
        .. LossModes.All.Select(mode => (mode, Transformer, $"whole model, {mode.Name}")),
        (LossModes.Find("p6b-v2.1"), Transformer with { SlotSkips = true }, "whole model with slot skips, p6b-v2.1"),
        .. ((VectorPredictorConfig[])[Small(ModelType.Lstm), Small(ModelType.Gru) with { Dropout = 0.1f }, Small(ModelType.Amn) with { FeedForward = 12 }])
            .Select(config => (LossModes.Find("p6b-v2.1"), config, $"whole model, {config.Type.Name()}")),
    ];

    /// <summary>Every model's gradient against differences of its loss.</summary>
    /// <param name="device">Computes in double precision.</param>
    /// <param name="settings">Step, tolerance, directions, seed.</param>
    public static IEnumerable<GradientCheckResult> Run(Device device, GradientCheckSettings settings)
    {
        foreach ((LossMode mode, VectorPredictorConfig config, string name) in Models)
        {
            using var subject = new Subject(device, mode, config, settings.Seed);
            double lambda = subject.Lambda;
            yield return GradientCheck.Run(
                name, subject.Tape, [.. subject.Variables],
                () =>
                {
                    StepReport now = subject.Evaluate();
                    return now.Mse + lambda * now.Dir + mode.FloorWeight * now.Floor + mode.NormWeight * now.NormPenalty
                        + mode.OrthogonalityWeight * now.Orthogonality;
                },
                settings);
        }
    }

    /// <summary>Every model's gradient against that of another device: ‖g − g'‖/‖g'‖ of each parameter, where ‖g'‖ is at least its usual size.</summary>
    /// <param name="device">The device to check.</param>
    /// <param name="reference">Computes in double precision.</param>
    /// <param name="seed">Seed of weights and data.</param>
    public static IEnumerable<GradientCheckResult> Compare(Device device, Device reference, int seed)
    {
        foreach ((LossMode mode, VectorPredictorConfig config, string name) in Models)
        {
            using var subject = new Subject(device, mode, config, seed);
            using var expected = new Subject(reference, mode, config, seed);
            double[][] actual = [.. subject.Gradients()];
            double[][] right = [.. expected.Gradients()];
            double usual = Math.Sqrt(right.Sum(Squares) / right.Sum(gradient => gradient.Length));
            var worst = new GradientCheckResult($"{name}, against reference", 0, "none", SinglePrecisionTolerance);
            for (int v = 0; v < right.Length; v++)
            {
                double[] difference = [.. actual[v].Zip(right[v], (a, b) => a - b)];
                double scale = Math.Max(Math.Sqrt(Squares(right[v])), usual * Math.Sqrt(right[v].Length));
                double error = Math.Sqrt(Squares(difference)) / scale;
                if (!(error <= worst.RelativeError)) worst = worst with { RelativeError = error, Variable = subject.Variables[v].Name };
            }

            yield return worst;
        }
    }

    private static VectorPredictorConfig Small(ModelType type) => VectorPredictorConfig.Original(type, Transformer.InputDimension) with { ModelDimension = 6 };

    private static double Squares(double[] values) => values.Sum(x => x * x);

    /// <summary>A small model with its loss at one point.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly Device _device;
        private readonly ParameterSet _parameters;
        private readonly BatchTape _batch;
        private readonly StepLoss _loss;
        private readonly float[] _targets;
        private readonly float[] _negatives;
        private readonly int[] _negativeCounts;

        public Subject(Device device, LossMode mode, VectorPredictorConfig config, int seed)
        {
            _device = device;
            IVectorPredictor model = VectorPredictors.Create(config);
            _parameters = new ParameterSet(device, model.Layout);
            Initialization.Initialize(_parameters, (ulong)seed);
            if (config.SlotSkips)
                device.Upload(RandomRows(1, config.ContextLength, (ulong)seed, stream: 2), _parameters.Value(SlotSkips.ParameterName));
            _batch = new BatchTape(device, model, _parameters, Batch, TapeMode.Training, mode.DefaultNegativeSlot, rawOnHost: mode.InArticle is not null);
            _batch.Tape.Key.Value = (ulong)seed;
            _loss = new StepLoss(mode, config.InputDimension, config.ContextLength, mode.DefaultNegativeSlot, Batch);
            _targets = RandomRows(Batch, config.InputDimension, (ulong)seed, stream: 1);
            int negatives = mode.InArticle?.Negatives ?? 0;
            _negatives = RandomRows(Batch * negatives, config.InputDimension, (ulong)seed, stream: 3);
            _negativeCounts = [.. Enumerable.Range(0, Batch).Select(b => Math.Max(negatives - b, 0))];
            _batch.Upload(RandomRows(Batch * config.ContextLength, config.InputDimension, (ulong)seed, stream: 0), _targets);
            _batch.Forward();
            StepReport atStart = Evaluate();
            Lambda = atStart.Skip ? 0 : atStart.LambdaEff;
            Variables = [.. model.Layout.Entries.Select(e => new GradientVariable(e.Name, _parameters.Value(e.Name), _parameters.Gradient(e.Name)))];
        }

        public Tape Tape => _batch.Tape;

        public double Lambda { get; }

        public IReadOnlyList<GradientVariable> Variables { get; }

        /// <summary>The loss after a forward pass; hands the device what the backward pass starts from.</summary>
        public StepReport Evaluate()
        {
            ReadOnlySpan<double> statistics = _batch.ReadStatistics();
            _loss.Contrast?.Evaluate(_batch.ReadRaw(), _targets, _negatives, _negativeCounts);
            StepReport report = _loss.Evaluate(statistics, Batch, epoch: 1);
            _loss.WriteCoefficients(_batch.Coefficients);
            if (_loss.Contrast is not null) _loss.WriteRawGradient(_batch.RawGradient);
            _batch.WriteCoefficients();
            return report;
        }

        public IEnumerable<double[]> Gradients()
        {
            _batch.Backward();
            foreach (GradientVariable variable in Variables)
            {
                var gradient = new double[variable.Gradient.Length];
                _device.Download(variable.Gradient, gradient);
                yield return gradient;
            }
        }

        public void Dispose()
        {
            _batch.Dispose();
            _parameters.Dispose();
        }

        private static float[] RandomRows(int rows, int dimension, ulong seed, ulong stream)
        {
            ulong key = CounterRandom.Mix(seed, stream);
            var values = new float[rows * dimension];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(CounterRandom.Bits((uint)i, (uint)key, (uint)(key >> 32)) / 4294967296.0 * 2 - 1);
            return values;
        }
    }
}
