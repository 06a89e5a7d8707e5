using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests;

/// <summary>One row of the table.</summary>
/// <param name="Operation">Method of <see cref="IOperations"/>.</param>
/// <param name="Variant">What sets the row apart from others of the same method; may be empty.</param>
/// <param name="Tolerance">Largest normalised mean squared error Σ(x − x̂)²/Σx² of any output against the Reference.</param>
/// <param name="Prepare">Draws shapes and data, and returns the call.</param>
internal sealed record OperationCase(string Operation, string Variant, double Tolerance, Func<CaseData, Action<IOperations>> Prepare)
{
    public string Name => Variant.Length == 0 ? Operation : $"{Operation} {Variant}";
}

/// <summary>
/// The table of operations: it drives the comparison of every device with the Reference, the check that thread count and vector width
/// do not change a bit, the check that a call allocates nothing, and the check that no operation is forgotten.
/// </summary>
internal static class OperationCases
{
    /// <summary>Bar of element-wise and normalising operations in float.</summary>
    private const double Usual = 1e-9;

    /// <summary>Bar of sums whose error must not show in losses, weights or gradients.</summary>
    private const double Strict = 1e-10;

    public static IReadOnlyList<OperationCase> All { get; } =
    [
        new(nameof(IOperations.MatMul), "NN", Strict, d => MatMul(d, MatMulForm.NN)),
        new(nameof(IOperations.MatMul), "NT", Strict, d => MatMul(d, MatMulForm.NT)),
        new(nameof(IOperations.MatMul), "TN", Strict, d => MatMul(d, MatMulForm.TN)),
        new(nameof(IOperations.ColumnSum), "", Usual, ColumnSum),
        new(nameof(IOperations.LinearWeightGradient), "", Usual, LinearWeightGradient),
        new(nameof(IOperations.AddPositionForward), "", Usual, AddPositionForward),
        new(nameof(IOperations.AddPositionBackward), "", Usual, AddPositionBackward),
        new(nameof(IOperations.TakeLastForward), "", Usual, TakeLastForward),
        new(nameof(IOperations.TakeLastBackward), "", Usual, TakeLastBackward),
        new(nameof(IOperations.SlotSkipsForward), "", Usual, d => SlotSkipsForward(d, inPlace: false)),
        new(nameof(IOperations.SlotSkipsForward), "in place", Usual, d => SlotSkipsForward(d, inPlace: true)),
        new(nameof(IOperations.SlotSkipsBackward), "", Usual, d => SlotSkipsBackward(d, inPlace: false)),
        new(nameof(IOperations.SlotSkipsBackward), "in place", Usual, d => SlotSkipsBackward(d, inPlace: true)),
        new(nameof(IOperations.ReluDropoutForward), "", Usual, d => ReluDropoutForward(d, inPlace: false)),
        new(nameof(IOperations.ReluDropoutForward), "in place", Usual, d => ReluDropoutForward(d, inPlace: true)),
        new(nameof(IOperations.ReluDropoutBackward), "", Usual, d => ReluDropoutBackward(d, inPlace: false)),
        new(nameof(IOperations.ReluDropoutBackward), "in place", Usual, d => ReluDropoutBackward(d, inPlace: true)),
        new(nameof(IOperations.GeluForward), "", Usual, GeluForward),
        new(nameof(IOperations.GeluBackward), "", Usual, GeluBackward),
        new(nameof(IOperations.LayerNormForward), "", Usual, LayerNormForward),
        new(nameof(IOperations.LayerNormBackward), "", Usual, LayerNormBackward),
        new(nameof(IOperations.DropoutResidualLayerNormForward), "", Usual, d => DropoutResidualLayerNormForward(d, inPlace: false)),
        new(nameof(IOperations.DropoutResidualLayerNormForward), "in place", Usual, d => DropoutResidualLayerNormForward(d, inPlace: true)),
        new(nameof(IOperations.DropoutResidualLayerNormBackward), "", Usual, DropoutResidualLayerNormBackward),
        new(nameof(IOperations.AttentionForward), "short", Usual, d => AttentionForward(d, maximumLength: 8)),
        new(nameof(IOperations.AttentionForward), "long", Usual, d => AttentionForward(d, maximumLength: 70)),
        new(nameof(IOperations.AttentionBackward), "short", Usual, d => AttentionBackward(d, maximumLength: 8)),
        new(nameof(IOperations.AttentionBackward), "long", Usual, d => AttentionBackward(d, maximumLength: 70)),
        new(nameof(IOperations.ProjectedAttentionForward), "short", Usual, d => ProjectedAttentionForward(d, maximumLength: 8)),
        new(nameof(IOperations.ProjectedAttentionForward), "long", Usual, d => ProjectedAttentionForward(d, maximumLength: 70)),
        new(nameof(IOperations.ProjectedAttentionBackward), "short", Usual, d => ProjectedAttentionBackward(d, maximumLength: 8)),
        new(nameof(IOperations.ProjectedAttentionBackward), "long", Usual, d => ProjectedAttentionBackward(d, maximumLength: 70)),
        new(nameof(IOperations.DropoutForward), "", Usual, d => DropoutForward(d, inPlace: false)),
        new(nameof(IOperations.DropoutForward), "in place", Usual, d => DropoutForward(d, inPlace: true)),
        new(nameof(IOperations.DropoutBackward), "", Usual, DropoutBackward),
        new(nameof(IOperations.LstmCellForward), "", Usual, LstmCellForward),
        new(nameof(IOperations.LstmCellBackward), "", Usual, LstmCellBackward),
        new(nameof(IOperations.GruCellForward), "", Usual, GruCellForward),
        new(nameof(IOperations.GruCellBackward), "", Usual, GruCellBackward),
        new(nameof(IOperations.PreviousStep), "", Usual, PreviousStep),
        new(nameof(IOperations.GatherRows), "", Usual, GatherRows),
        new(nameof(IOperations.SlotMean), "", Usual, SlotMean),
        new(nameof(IOperations.SlotMixtureForward), "", Usual, SlotMixtureForward),
        new(nameof(IOperations.SlotMixtureBackward), "", Usual, SlotMixtureBackward),
        new(nameof(IOperations.VectorLossForward), "", Strict, VectorLossForward),
        new(nameof(IOperations.VectorLossBackward), "", Strict, VectorLossBackward),
        new(nameof(IOperations.GradientNorm), "", Strict, GradientNorm),
        new(nameof(IOperations.AdamW), "", Strict, d => AdamW(d, norm: 0.1 + Math.Abs(d.Number()), maximumNorm: 0.5)),
        new(nameof(IOperations.AdamW), "unclipped", Strict, d => AdamW(d, norm: 3, maximumNorm: double.PositiveInfinity)),
        new(nameof(IOperations.AdamW), "infinite norm", Strict, d => AdamW(d, norm: double.PositiveInfinity, maximumNorm: 1)),
        new(nameof(IOperations.AdamW), "undefined norm", Strict, d => AdamW(d, norm: double.NaN, maximumNorm: 1)),
    ];

    public static OperationCase Named(string name) => All.Single(c => c.Name == name);

    private static Action<IOperations> MatMul(CaseData d, MatMulForm form)
    {
        (int m, int n, int k) = (d.Size(70), d.Size(100), d.Size(300));
        MatrixView a = form == MatMulForm.TN ? d.StridedInput(k, m) : d.StridedInput(m, k);
        MatrixView b = form == MatMulForm.NT ? d.StridedInput(n, k) : d.StridedInput(k, n);
        MatrixView c = d.StridedOutput(m, n);
        View bias = d.Flag() ? d.InputVector(n) : default;
        bool accumulate = d.Flag();
        return o => o.MatMul(form, a, b, c, bias, accumulate);
    }

    private static Action<IOperations> ColumnSum(CaseData d)
    {
        (int rows, int columns, bool accumulate) = (d.Size(200), d.Size(200), d.Flag());
        MatrixView x = d.StridedInput(rows, columns);
        View sum = d.OutputVector(columns);
        return o => o.ColumnSum(x, sum, accumulate);
    }

    private static Action<IOperations> LinearWeightGradient(CaseData d)
    {
        (int rows, int inputs, int outputs) = (d.Size(200), d.Size(100), d.Size(150));
        MatrixView dY = d.StridedInput(rows, outputs), x = d.StridedInput(rows, inputs), dWeight = d.StridedOutput(outputs, inputs);
        View dBias = d.OutputVector(outputs);
        (bool accumulateWeight, bool accumulateBias) = (d.Flag(), d.Flag());
        return o => o.LinearWeightGradient(dY, x, dWeight, accumulateWeight, dBias, accumulateBias);
    }

    private static Action<IOperations> AddPositionForward(CaseData d)
    {
        (int batch, int length, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Size(130));
        MatrixView x = d.StridedInput(batch * length, columns), table = d.StridedInput(length, columns);
        MatrixView y = d.StridedOutput(batch * length, columns);
        return o => o.AddPositionForward(x, table, y);
    }

    private static Action<IOperations> AddPositionBackward(CaseData d)
    {
        (int rows, int columns, bool accumulate) = (d.Size(50), d.Size(130), d.Flag());
        MatrixView dY = d.StridedInput(rows, columns), dX = d.StridedOutput(rows, columns);
        return o => o.AddPositionBackward(dY, dX, accumulate);
    }

    private static Action<IOperations> TakeLastForward(CaseData d)
    {
        (int batch, int length, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Size(130));
        MatrixView x = d.Input(batch * length, columns), y = d.Output(batch, columns);
        return o => o.TakeLastForward(x, y);
    }

    private static Action<IOperations> TakeLastBackward(CaseData d)
    {
        (int batch, int length, int columns, bool accumulate) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Size(130), d.Flag());
        MatrixView dY = d.Input(batch, columns), dX = d.Output(batch * length, columns);
        return o => o.TakeLastBackward(dY, dX, accumulate);
    }

    private static Action<IOperations> SlotSkipsForward(CaseData d, bool inPlace)
    {
        (int batch, int slots, int columns) = (d.Size(40), d.Flag() ? 5 : d.Size(9), d.Size(400));
        MatrixView y = d.Output(batch, columns), raw = inPlace ? y : d.Input(batch, columns), context = d.Input(batch * slots, columns);
        View skips = d.InputVector(slots);
        return o => o.SlotSkipsForward(raw, skips, context, y);
    }

    private static Action<IOperations> SlotSkipsBackward(CaseData d, bool inPlace)
    {
        (int batch, int slots, int columns) = (d.Flag() ? d.Size(40) : 1 + d.Below(300), d.Flag() ? 5 : d.Size(9), d.Size(300));
        (bool accumulateSkips, bool accumulateRaw) = (d.Flag(), d.Flag() && !inPlace);
        MatrixView dRaw = d.Output(batch, columns), dY = inPlace ? dRaw : d.Input(batch, columns), context = d.Input(batch * slots, columns);
        View dSkips = d.OutputVector(slots);
        return o => o.SlotSkipsBackward(dY, context, dSkips, accumulateSkips, dRaw, accumulateRaw);
    }

    private static Action<IOperations> ReluDropoutForward(CaseData d, bool inPlace)
    {
        (int rows, int columns, Dropout dropout) = (d.Size(50), d.Size(300), d.Dropout());
        MatrixView y = d.Output(rows, columns), x = inPlace ? y : d.Input(rows, columns);
        return o => o.ReluDropoutForward(x, y, dropout);
    }

    private static Action<IOperations> ReluDropoutBackward(CaseData d, bool inPlace)
    {
        (int rows, int columns, Dropout dropout, bool accumulate) = (d.Size(50), d.Size(300), d.Dropout(), d.Flag() && !inPlace);
        MatrixView y = d.Input(rows, columns, () => Math.Max(0, d.Number()));
        MatrixView dX = d.Output(rows, columns), dY = inPlace ? dX : d.Input(rows, columns);
        return o => o.ReluDropoutBackward(dY, y, dX, dropout, accumulate);
    }

    private static Action<IOperations> GeluForward(CaseData d)
    {
        (int rows, int columns) = (d.Size(60), d.Size(300));
        MatrixView x = d.Input(rows, columns, () => 6 * d.Number()), y = d.Output(rows, columns);
        return o => o.GeluForward(x, y);
    }

    private static Action<IOperations> GeluBackward(CaseData d)
    {
        (int rows, int columns, bool accumulate) = (d.Size(60), d.Size(300), d.Flag());
        MatrixView dY = d.Input(rows, columns), x = d.Input(rows, columns, () => 6 * d.Number()), dX = d.Output(rows, columns);
        return o => o.GeluBackward(dY, x, dX, accumulate);
    }

    private static Action<IOperations> LayerNormForward(CaseData d)
    {
        (int rows, int columns) = (d.Size(50), d.Size(300));
        MatrixView x = d.Input(rows, columns), y = d.Output(rows, columns);
        View gamma = d.InputVector(columns), beta = d.InputVector(columns), mean = d.OutputVector(rows), rstd = d.OutputVector(rows);
        return o => o.LayerNormForward(x, gamma, beta, y, mean, rstd);
    }

    private static Action<IOperations> LayerNormBackward(CaseData d)
    {
        (int rows, int columns, bool accumulate, bool accumulateParameters) = (d.Size(50), d.Size(300), d.Flag(), d.Flag());
        MatrixView dY = d.Input(rows, columns), x = d.Input(rows, columns), dX = d.Output(rows, columns);
        View gamma = d.InputVector(columns), mean = d.InputVector(rows, d.Number), rstd = d.InputVector(rows, () => 1 + d.Number() / 2);
        View dGamma = d.OutputVector(columns), dBeta = d.OutputVector(columns);
        return o => o.LayerNormBackward(dY, x, gamma, mean, rstd, dX, accumulate, dGamma, dBeta, accumulateParameters);
    }

    private static Action<IOperations> DropoutResidualLayerNormForward(CaseData d, bool inPlace)
    {
        (int rows, int columns, Dropout dropout) = (d.Size(50), d.Size(300), d.Dropout());
        MatrixView sum = d.Output(rows, columns), x = inPlace ? sum : d.Input(rows, columns);
        MatrixView residual = d.Input(rows, columns), y = d.Output(rows, columns);
        View gamma = d.InputVector(columns), beta = d.InputVector(columns), mean = d.OutputVector(rows), rstd = d.OutputVector(rows);
        return o => o.DropoutResidualLayerNormForward(x, residual, gamma, beta, sum, y, mean, rstd, dropout);
    }

    private static Action<IOperations> DropoutResidualLayerNormBackward(CaseData d)
    {
        (int rows, int columns, Dropout dropout) = (d.Size(50), d.Size(300), d.Dropout());
        (bool accumulateX, bool accumulateResidual, bool accumulateParameters) = (d.Flag(), d.Flag(), d.Flag());
        MatrixView dY = d.Input(rows, columns), sum = d.Input(rows, columns);
        MatrixView dX = d.Output(rows, columns), dResidual = d.Output(rows, columns);
        View gamma = d.InputVector(columns), mean = d.InputVector(rows, d.Number), rstd = d.InputVector(rows, () => 1 + d.Number() / 2);
        View dGamma = d.OutputVector(columns), dBeta = d.OutputVector(columns);
        return o => o.DropoutResidualLayerNormBackward(
            dY, sum, gamma, mean, rstd, dX, accumulateX, dResidual, accumulateResidual, dGamma, dBeta, accumulateParameters, dropout);
    }

    private static AttentionShape DrawAttention(CaseData d, int maximumLength)
    {
        bool isShort = maximumLength < 10;
        int keys = isShort && d.Flag() ? 5 : d.Size(maximumLength);
        int queries = d.Below(3) switch { 0 => 1, 1 => 1 + d.Below(keys), _ => keys };
        return new AttentionShape(d.Size(isShort ? 9 : 2), d.Size(isShort ? 8 : 3), queries, keys);
    }

    private static Action<IOperations> AttentionForward(CaseData d, int maximumLength)
    {
        AttentionShape shape = DrawAttention(d, maximumLength);
        int columns = shape.Heads * d.Size(70);
        Dropout dropout = d.Dropout();
        MatrixView query = d.StridedInput(shape.Batch * shape.QueryLength, columns), output = d.StridedOutput(query.Rows, columns);
        MatrixView key = d.StridedInput(shape.Batch * shape.KeyLength, columns), value = d.StridedInput(key.Rows, columns);
        View probabilities = d.OutputVector((int)shape.Probabilities);
        return o => o.AttentionForward(shape, query, key, value, output, probabilities, dropout);
    }

    private static Action<IOperations> AttentionBackward(CaseData d, int maximumLength)
    {
        AttentionShape shape = DrawAttention(d, maximumLength);
        int columns = shape.Heads * d.Size(70);
        (Dropout dropout, bool accumulateQuery, bool accumulateKeyValue) = (d.Dropout(), d.Flag(), d.Flag());
        MatrixView dOutput = d.StridedInput(shape.Batch * shape.QueryLength, columns);
        MatrixView query = d.StridedInput(dOutput.Rows, columns), dQuery = d.StridedOutput(dOutput.Rows, columns);
        MatrixView key = d.StridedInput(shape.Batch * shape.KeyLength, columns), value = d.StridedInput(key.Rows, columns);
        MatrixView dKey = d.StridedOutput(key.Rows, columns), dValue = d.StridedOutput(key.Rows, columns);
        View probabilities = d.InputVector((int)shape.Probabilities, () => Math.Abs(d.Number()) * 2 / shape.KeyLength);
        return o => o.AttentionBackward(
            shape, dOutput, query, key, value, probabilities, dQuery, accumulateQuery, dKey, dValue, accumulateKeyValue, dropout);
    }

    /// <summary>Shape, columns of the query and columns of x.</summary>
    private static (ProjectedAttentionShape Shape, int Columns, int Inputs) DrawProjectedAttention(CaseData d, int maximumLength)
    {
        bool isShort = maximumLength < 10;
        var shape = new ProjectedAttentionShape(
            d.Size(isShort ? 12 : 3), d.Size(isShort ? 8 : 3), isShort && d.Flag() ? 5 : d.Size(maximumLength));
        return (shape, shape.Heads * d.Size(isShort ? 20 : 70), d.Size(150));
    }

    private static Action<IOperations> ProjectedAttentionForward(CaseData d, int maximumLength)
    {
        (ProjectedAttentionShape shape, int columns, int inputs) = DrawProjectedAttention(d, maximumLength);
        MatrixView query = d.StridedInput(shape.Batch, columns), x = d.StridedInput(shape.Batch * shape.KeyLength, inputs);
        MatrixView weight = d.Input(2 * columns, inputs), output = d.StridedOutput(shape.Batch, columns);
        View bias = d.InputVector(2 * columns), probabilities = d.OutputVector((int)shape.Probabilities);
        View workspace = d.Scratch(shape.Workspace(columns, inputs));
        Dropout dropout = d.Dropout();
        return o => o.ProjectedAttentionForward(shape, query, x, weight, bias, output, probabilities, workspace, dropout);
    }

    /// <summary>Behind a forward call, which alone can fill the workspace. Small weights: with large ones a softmax passes no gradient on.</summary>
    private static Action<IOperations> ProjectedAttentionBackward(CaseData d, int maximumLength)
    {
        (ProjectedAttentionShape shape, int columns, int inputs) = DrawProjectedAttention(d, maximumLength);
        (Dropout dropout, bool accumulateQuery, bool accumulateX, bool accumulateWeight) = (d.Dropout(), d.Flag(), d.Flag(), d.Flag());
        MatrixView query = d.StridedInput(shape.Batch, columns), x = d.StridedInput(shape.Batch * shape.KeyLength, inputs);
        MatrixView weight = d.Input(2 * columns, inputs, () => d.Number() / Math.Sqrt(inputs)), output = d.StridedOutput(shape.Batch, columns);
        View bias = d.InputVector(2 * columns), probabilities = d.OutputVector((int)shape.Probabilities);
        View workspace = d.Scratch(shape.Workspace(columns, inputs));
        MatrixView dOutput = d.StridedInput(shape.Batch, columns), dQuery = d.StridedOutput(shape.Batch, columns);
        MatrixView dX = d.StridedOutput(x.Rows, inputs), dWeight = d.Output(2 * columns, inputs);
        View dBias = d.OutputVector(2 * columns);
        bool accumulateBias = d.Flag();
        return o =>
        {
            o.ProjectedAttentionForward(shape, query, x, weight, bias, output, probabilities, workspace, dropout);
            o.ProjectedAttentionBackward(
                shape, dOutput, query, x, weight, bias, probabilities, workspace, dQuery, accumulateQuery, dX, accumulateX, dWeight,
                accumulateWeight, dBias, accumulateBias, dropout);
        };
    }

    private static Action<IOperations> DropoutForward(CaseData d, bool inPlace)
    {
        (int rows, int columns, Dropout dropout) = (d.Size(50), d.Size(300), d.Dropout());
        MatrixView y = d.Output(rows, columns), x = inPlace ? y : d.Input(rows, columns);
        return o => o.DropoutForward(x, y, dropout);
    }

    private static Action<IOperations> DropoutBackward(CaseData d)
    {
        (int rows, int columns, Dropout dropout, bool accumulate) = (d.Size(50), d.Size(300), d.Dropout(), d.Flag());
        MatrixView dY = d.Input(rows, columns), dX = d.Output(rows, columns);
        return o => o.DropoutBackward(dY, dX, dropout, accumulate);
    }

    /// <summary>The first step, without a state before it, or a later one.</summary>
    private static Action<IOperations> LstmCellForward(CaseData d)
    {
        (int rows, int width, bool isFirst) = (d.Size(30), d.Size(130), d.Flag());
        MatrixView gates = d.StridedOutput(rows, 4 * width), cell = d.StridedOutput(rows, width), hidden = d.StridedOutput(rows, width);
        MatrixView recurrent = isFirst ? default : d.StridedInput(rows, 4 * width), before = isFirst ? default : d.StridedInput(rows, width);
        View bias = d.InputVector(4 * width);
        return o => o.LstmCellForward(gates, recurrent, bias, before, cell, hidden);
    }

    private static Action<IOperations> LstmCellBackward(CaseData d)
    {
        (int rows, int width, bool isFirst, bool isLast) = (d.Size(30), d.Size(130), d.Flag(), d.Flag());
        MatrixView gates = d.StridedOutput(rows, 4 * width), dCell = d.StridedOutput(rows, width), cell = d.StridedInput(rows, width);
        MatrixView dHidden = d.StridedInput(rows, width), dNext = isLast ? default : d.StridedInput(rows, width);
        MatrixView before = isFirst ? default : d.StridedInput(rows, width);
        return o => o.LstmCellBackward(dHidden, dNext, gates, cell, before, dCell);
    }

    private static Action<IOperations> GruCellForward(CaseData d)
    {
        (int rows, int width) = (d.Size(30), d.Size(130));
        MatrixView gates = d.StridedOutput(rows, 3 * width), recurrent = d.StridedOutput(rows, 3 * width), hidden = d.StridedOutput(rows, width);
        MatrixView before = d.Flag() ? default : d.StridedInput(rows, width);
        View bias = d.InputVector(3 * width);
        return o => o.GruCellForward(gates, recurrent, bias, before, hidden);
    }

    private static Action<IOperations> GruCellBackward(CaseData d)
    {
        (int rows, int width, bool isLast) = (d.Size(30), d.Size(130), d.Flag());
        MatrixView gates = d.StridedOutput(rows, 3 * width), recurrent = d.StridedOutput(rows, 3 * width), dState = d.StridedOutput(rows, width);
        MatrixView dHidden = d.StridedInput(rows, width), before = d.Flag() ? default : d.StridedInput(rows, width);
        return o => o.GruCellBackward(dHidden, gates, recurrent, before, dState, isLast);
    }

    private static Action<IOperations> PreviousStep(CaseData d)
    {
        (int batch, int length, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Size(130));
        MatrixView x = d.Input(batch * length, columns), y = d.Output(batch * length, columns);
        return o => o.PreviousStep(x, length, y);
    }

    private static Action<IOperations> GatherRows(CaseData d)
    {
        (int source, int rows, int columns) = (d.Size(40), d.Size(60), d.Size(130));
        MatrixView x = d.StridedInput(source, columns), y = d.StridedOutput(rows, columns);
        View numbers = d.InputVector(rows, () => d.Below(source));
        return o => o.GatherRows(x, numbers, y);
    }

    private static Action<IOperations> SlotMean(CaseData d)
    {
        (int batch, int length, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Size(300));
        MatrixView x = d.StridedInput(batch * length, columns), y = d.StridedOutput(batch, columns);
        return o => o.SlotMean(x, y);
    }

    private static Action<IOperations> SlotMixtureForward(CaseData d)
    {
        (int batch, int length, int width, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(20), d.Size(70), d.Size(130));
        MatrixView query = d.StridedInput(batch, width), key = d.StridedInput(batch * length, width);
        MatrixView value = d.StridedInput(batch * length, columns), weights = d.Output(batch, length), output = d.StridedOutput(batch, columns);
        return o => o.SlotMixtureForward(query, key, value, weights, output);
    }

    private static Action<IOperations> SlotMixtureBackward(CaseData d)
    {
        (int batch, int length, int width, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(20), d.Size(70), d.Size(130));
        (bool accumulateQuery, bool accumulateKey) = (d.Flag(), d.Flag());
        MatrixView dOutput = d.StridedInput(batch, columns), query = d.StridedInput(batch, width), key = d.StridedInput(batch * length, width);
        MatrixView value = d.StridedInput(batch * length, columns), weights = d.Input(batch, length, () => Math.Abs(d.Number()) * 2 / length);
        MatrixView dQuery = d.StridedOutput(batch, width), dKey = d.StridedOutput(batch * length, width);
        return o => o.SlotMixtureBackward(dOutput, query, key, value, weights, dQuery, accumulateQuery, dKey, accumulateKey);
    }

    private static Action<IOperations> VectorLossForward(CaseData d)
    {
        (int batch, int length, int columns) = (d.Size(20), d.Flag() ? 5 : d.Size(9), d.Flag() ? d.Size(300) : 768);
        MatrixView raw = d.Input(batch, columns), target = d.Input(batch, columns), context = d.Input(batch * length, columns);
        MatrixView statistics = d.Output(batch, LossStatistics.Columns(length));
        return o => o.VectorLossForward(raw, target, context, statistics);
    }

    private static Action<IOperations> VectorLossBackward(CaseData d)
    {
        (int batch, int length, int columns, bool accumulate) = (d.Size(40), d.Flag() ? 5 : d.Size(9), d.Size(400), d.Flag());
        int slot = d.Below(length);
        MatrixView raw = d.Input(batch, columns), target = d.Input(batch, columns), context = d.Input(batch * length, columns);
        MatrixView coefficients = d.Input(batch, LossCoefficients.Columns), dRaw = d.Output(batch, columns);
        return o => o.VectorLossBackward(raw, target, context, slot, coefficients, dRaw, accumulate);
    }

    private static Action<IOperations> GradientNorm(CaseData d)
    {
        View gradient = d.InputVector(d.Flag() ? d.Size(300) : 1 + d.Below(50_000)), norm = d.OutputVector(1);
        return o => o.GradientNorm(gradient, norm);
    }

    private static Action<IOperations> AdamW(CaseData d, double norm, double maximumNorm)
    {
        int length = d.Flag() ? d.Size(300) : 1 + d.Below(60_000);
        View parameters = d.OutputVector(length), gradient = d.InputVector(length);
        View firstMoment = d.OutputVector(length), secondMoment = d.OutputVector(length, () => Math.Abs(d.Number()));
        View gradientNorm = d.InputVector(1, () => norm);
        var settings = new AdamWSettings { LearningRate = 1e-3, WeightDecay = 0.01, MaxGradientNorm = maximumNorm, Step = 1 + d.Below(1000) };
        return o => o.AdamW(parameters, gradient, firstMoment, secondMoment, gradientNorm, settings);
    }
}
