using System.Text;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Telemetry;

/// <summary>
/// training.log: the original's text lines, character for character. In the step lines ρ is the value before the cap, frac the share as
/// applied, and the cosines are means over that one batch. Skips are printed at the log steps only; history.json counts all of them.
/// </summary>
internal sealed class TrainingLog : IDisposable
{
    private const int BatchLineEvery = 100;

    private readonly StreamWriter _file;
    private readonly LossMode _mode;
    private readonly int _logEvery;
    private readonly Action<string>? _echo;

    /// <summary>Opens the log.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Names the lines of the directional term; a mode without it has only the batch lines.</param>
    /// <param name="logEvery">Batches from one line of the directional term to the next, at least 1.</param>
    /// <param name="append">Goes on with the file (a resumed run) instead of replacing it.</param>
    /// <param name="echo">Gets every line too, e.g. the console.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public TrainingLog(string path, LossMode mode, int logEvery, bool append, Action<string>? echo = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logEvery, 1);
        FileStream file = OutputFile.Open(path, append ? FileMode.Append : FileMode.Create);
        _file = new StreamWriter(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
        _mode = mode;
        _logEvery = logEvery;
        _echo = echo;
    }

    /// <summary>Writes a line.</summary>
    public void Line(string text)
    {
        _file.WriteLine(text);
        _echo?.Invoke(text);
    }

    /// <summary>Writes the lines that are due at a step, if any; allocates nothing where none is.</summary>
    /// <param name="batchIndex">Position in the epoch, counted from 0.</param>
    /// <param name="batches">Batches of the epoch.</param>
    /// <param name="step">What the loss said.</param>
    public void Step(int batchIndex, int batches, in StepReport step)
    {
        if (_mode.LogTag is not null && batchIndex % _logEvery == 0)
        {
            if (step.Skip) Line(SkipLine(step));
            Line(StepLine(step));
        }

        if (batchIndex % BatchLineEvery == 0)
            Line($"  Batch {batchIndex}/{batches} | Loss: {step.Loss:F6} | MSE: {step.Mse:F6} | Cosine: {step.Cosine:F4}");
    }

    /// <summary>Head of an epoch.</summary>
    public void EpochStart(int epoch, int epochs) => Line($"Epoch {epoch}/{epochs}");

    /// <summary>Result of an epoch.</summary>
    public void EpochEnd(in EpochTotals train, in EvaluationResult validation)
    {
        Line(
            $"  Train Loss: {train.Mean(train.Loss):F6} | Train Cosine: {train.Mean(train.Cosine):F4} | MSE: {train.Mean(train.Mse):F6}");
        Line($"  Val Loss: {validation.Loss:F6} | Val Cosine: {validation.Cosine:F4}");
        Line($"  [Mini-5CAT] Margin: {validation.Mini5Cat.Margin:F4} | R@5: {validation.Mini5Cat.RecallAt5:F3}");
        RetrievalResult own = validation.InArticle, copy = validation.CopyLastInArticle;
        if (!double.IsNaN(own.ReciprocalRank))
        {
            Line($"  [In article, without contexts] MRR: {own.ReciprocalRank:F3} | R@1: {own.RecallAt1:F3} | R@5: {own.RecallAt5:F3}"
                + $" (copy of ctx4: {copy.ReciprocalRank:F3} {copy.RecallAt1:F3} {copy.RecallAt5:F3})");
        }
    }

    /// <summary>After the best model was saved.</summary>
    public void SavedBest(in EvaluationResult validation) => Line(_mode.BestByRetrieval
        ? $"  ✓ Saved best model (in-article MRR: {validation.InArticle.ReciprocalRank:F4})"
        : $"  ✓ Saved best model (val_loss: {validation.Loss:F6})");

    private bool HasRatioTerm => _mode.Alpha < 1;

    private string SkipLine(in StepReport step) => HasRatioTerm
        ? $"[{_mode.LogTag} SKIP] Bad signs (pos={step.Pos:F3}, neg={step.Neg:F3}), skipping directional loss"
        : $"[P6b WARNING] Negative cosines detected (pos={step.Pos:F3}, neg={step.Neg:F3}), skipping directional loss";

    private string StepLine(in StepReport step)
    {
        string cosines = $"[{_mode.LogTag}] λ_eff={step.LambdaEff:F5} pos={step.Pos:F3} neg={step.Neg:F3} gap={step.Gap:F3} ";
        if (_mode.Dual is not null) return cosines + $"s={step.Pressure:F3} G={step.GradientRatio:F3} margin={step.MarginGap:F3}";
        if (_mode.InArticle is not null) return cosines + $"nce={step.Dir:F3} G={step.GradientRatio:F3}";
        if (!HasRatioTerm) return cosines + $"frac_of_mse={step.Fraction:F2} margin={step.MarginGap:F3}";
        string controller = _mode.RhoFloorShare > 0 ? $"ρ_tgt={step.TargetRho:F2} ρ_cap={step.RhoCap:F2} " : $"frac={step.Fraction:F2} ";
        string gate = _mode.ConfidenceWidth > 0 ? $"conf={step.Confidence:F2} c_pt={step.Pos:F3} " : "";
        return cosines + $"ratio={step.Ratio:F3} ρ={step.Rho:F3} {controller}{gate}margin_gap={step.MarginGap:F3} skip={(step.Skip ? 1 : 0)}";
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
