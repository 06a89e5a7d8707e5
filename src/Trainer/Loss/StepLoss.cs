using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Guardrails;

namespace P6bNative.Trainer.Loss;

/// <summary>
/// The loss of a step on the host: L = mse + (skip ? 0 : λ·L_dir) + β·floor + η·norm penalty + κ·orthogonality, from the device's statistics to the coefficients
/// of <see cref="IOperations.VectorLossBackward"/>. λ is a constant to the gradient. Nothing is allocated after construction.
/// </summary>
internal sealed class StepLoss
{
    private readonly LossMode _mode;
    private readonly int _dimension;
    private readonly BatchStatistics _batch;
    private readonly double[] _dPos;
    private readonly double[] _dNeg;
    private double _weight;

    /// <summary>State of the dual controller, in a mode that has one; set it to go on from a checkpoint.</summary>
    public DualState Dual { get; set; }

    /// <summary>
    /// InfoNCE, in a mode that has it: to be evaluated on the same batch before <see cref="Evaluate"/>. Its gradient is not in the coefficients; it comes
    /// by <see cref="WriteRawGradient"/>.
    /// </summary>
    public InfoNce? Contrast { get; }

    /// <summary>Makes the buffers.</summary>
    /// <param name="mode">The loss version.</param>
    /// <param name="dimension">D.</param>
    /// <param name="contextLength">T.</param>
    /// <param name="negativeSlot">The context slot that is the negative, 0 .. T−1.</param>
    /// <param name="maxBatch">Largest batch.</param>
    public StepLoss(LossMode mode, int dimension, int contextLength, int negativeSlot, int maxBatch)
    {
        _mode = mode;
        _dimension = dimension;
        _batch = new BatchStatistics(dimension, contextLength, negativeSlot, maxBatch);
        _dPos = new double[maxBatch];
        _dNeg = new double[maxBatch];
        Contrast = mode.InArticle is { } contrast ? new InfoNce(contrast, dimension, maxBatch) : null;
    }

    /// <summary>Value, guardrail decision and telemetry of a batch.</summary>
    /// <param name="statistics">[batch, 4 + 3T] rows of <see cref="LossStatistics"/>.</param>
    /// <param name="batch">Number of samples, 1 .. the largest batch.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <param name="warmUp">True during the warm-up of a mode with a dual controller.</param>
    public StepReport Evaluate(ReadOnlySpan<double> statistics, int batch, int epoch, bool warmUp = false)
    {
        _batch.Read(statistics, batch);
        Stage stage = _mode.StageFor(epoch);
        Span<double> dPos = _dPos.AsSpan(0, batch);
        Span<double> dNeg = _dNeg.AsSpan(0, batch);

        double directional = 0;
        GuardrailDecision decision = default;
        if (_mode.Dual is { } dual)
        {
            directional = -_batch.MeanGap;
            dPos.Fill(-1.0 / batch);
            dNeg.Fill(1.0 / batch);
            var means = new BatchMeans(
                _batch.Mse, directional, _batch.MeanPos, _batch.MeanNeg, GradientRatio.OfDirectionalToMse(_batch, _dimension, dPos, dNeg));
            Dual = DualController.Next(Dual, means, dual, warmUp);
            decision = DualController.Decide(means, Dual, _mode, _dimension);
        }
        else if (Contrast is not null)
        {
            directional = Contrast.Value;
            dPos.Clear();
            dNeg.Clear();
            double ratio = GradientRatio.OfNormToMse(_batch, _dimension, Contrast.GradientNorm);
            decision = ContrastController.Decide(new BatchMeans(_batch.Mse, directional, _batch.MeanPos, _batch.MeanNeg, ratio), _mode);
        }
        else if (_mode.HasDirectionalTerm)
        {
            var parameters = new DirectionalParameters(_mode.Gamma, _mode.Alpha, stage.MarginGap, _mode.MarginRatio);
            directional = DirectionalLoss.Evaluate(_batch.Pos, _batch.Neg, parameters, dPos, dNeg);
            double ratio = GradientRatio.OfDirectionalToMse(_batch, _dimension, dPos, dNeg);
            decision = GuardrailController.Decide(new BatchMeans(_batch.Mse, directional, _batch.MeanPos, _batch.MeanNeg, ratio), stage, _mode);
        }

        double pull = 0;
        for (int b = 0; b < batch; b++) pull += (dNeg[b] - dPos[b]) / 2;
        double weight = _mode.HasDirectionalTerm && !decision.Skip ? decision.LambdaEff : 0;
        _weight = weight;
        for (int b = 0; b < batch; b++)
        {
            // Not a product with 0: buffers of a mode without the term hold nothing meaningful.
            dPos[b] = weight == 0 ? 0 : weight * dPos[b];
            dNeg[b] = weight == 0 ? 0 : weight * dNeg[b];
        }

        double floor = _mode.FloorWeight == 0 ? 0 : PositiveFloor.Evaluate(_batch.Pos, _mode.FloorTau, _mode.FloorWeight, dPos);
        double orthogonality = _mode.OrthogonalityWeight == 0 ? 0 : OrthogonalityPenalty.Evaluate(_batch.Neg, _mode.OrthogonalityWeight, dNeg);
        double normPenalty = NormPenalty.OfOutputs(_batch.RawNorm);
        return new StepReport
        {
            Loss = _batch.Mse + weight * directional + _mode.FloorWeight * floor + _mode.NormWeight * normPenalty
                + _mode.OrthogonalityWeight * orthogonality,
            Mse = _batch.Mse,
            Dir = directional,
            LambdaEff = decision.LambdaEff,
            Rho = decision.Rho,
            RhoCapped = decision.RhoCapped,
            Rescaled = decision.Rescaled,
            Pos = _batch.MeanPos,
            Neg = _batch.MeanNeg,
            Gap = _batch.MeanGap,
            Ratio = _batch.MeanRatio,
            Floor = floor,
            NormPenalty = normPenalty,
            Orthogonality = orthogonality,
            Confidence = decision.Confidence,
            TargetRho = stage.Fraction,
            RhoCap = stage.RhoCap,
            Fraction = decision.Fraction,
            MarginGap = _mode.Dual?.Margin ?? stage.MarginGap,
            Collapse = _mode.Dual is null ? null : DualController.FindCollapse(Dual, _mode.Dual),
            SkipReason = decision.SkipReason,
            GradientRatio = decision.GradientRatio,
            GradientCapped = decision.GradientCapped,
            Pressure = weight == 0 ? 0 : GuardPressure.OnGap(weight, pull, _batch.MeanPos, _dimension),
            PressureLimit = GuardPressure.Limit(_mode, stage, _batch.MeanPos, _batch.MeanNeg, _dimension),
            RawNorm = _batch.MeanRawNorm,
            Cosine = _batch.MeanCosine,
        };
    }

    /// <summary>∂(λ·InfoNCE)/∂raw of the batch evaluated last, in a mode that has it.</summary>
    /// <param name="gradient">[B,D], written.</param>
    public void WriteRawGradient(Span<double> gradient) => Contrast!.WriteGradient(_weight, gradient);

    /// <summary>∂L/∂raw of the batch evaluated last, but for that of InfoNCE, as coefficients of raw − target, target, negative and raw.</summary>
    /// <param name="coefficients">[B,4], <see cref="LossCoefficients"/>, written.</param>
    /// <exception cref="ArgumentException">Too few elements for the batch.</exception>
    public void WriteCoefficients(Span<double> coefficients)
    {
        int batch = _batch.Batch;
        if (coefficients.Length < batch * LossCoefficients.Columns)
            throw new ArgumentException($"{coefficients.Length} coefficients for a batch of {batch} samples.", nameof(coefficients));

        double error = 2 / ((double)batch * _dimension);
        for (int b = 0; b < batch; b++)
        {
            double rawNorm = _batch.RawNorm[b];
            double scale = Math.Max(rawNorm, Cosine.LossNormFloor);
            double radial = _dPos[b] * _batch.Pos[b] + _dNeg[b] * _batch.Neg[b];
            Span<double> row = coefficients.Slice(b * LossCoefficients.Columns, LossCoefficients.Columns);
            row[LossCoefficients.Error] = error;
            row[LossCoefficients.Target] = _dPos[b] / (scale * Math.Max(_batch.TargetNorm[b], Cosine.LossNormFloor));
            row[LossCoefficients.Negative] = _dNeg[b] / (scale * Math.Max(_batch.NegativeNorm[b], Cosine.LossNormFloor));
            // Below its lower bound the norm is a constant, so nothing flows through it.
            row[LossCoefficients.Raw] = rawNorm < Cosine.LossNormFloor ? 0 : -radial / (scale * scale);
        }
    }
}
