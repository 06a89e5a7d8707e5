using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests;

/// <summary>The Reference against PyTorch in double precision (Fixtures/operation_cases.json, results to 10 digits).</summary>
public sealed class PyTorchCasesTests
{
    private static readonly JsonElement[] Cases = Load();

    public static TheoryData<string> Names => [.. Cases.Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reference_matches_PyTorch(string name)
    {
        using var run = new CaseRun(Cases.Single(c => c.GetProperty("name").GetString() == name));
        switch (run.Operation)
        {
            case "linear": Linear(run); break;
            case "layer_norm": LayerNorm(run); break;
            case "gelu": Gelu(run); break;
            case "attention": Attention(run); break;
            case "multihead_attention": MultiheadAttention(run); break;
            case "adamw": AdamW(run); break;
            case "lstm_cell": LstmCell(run); break;
            case "gru_cell": GruCell(run); break;
            case "slot_mixture": SlotMixture(run); break;
            default: Assert.Fail($"{run.Operation}: no test knows this operation."); break;
        }

        run.AssertEveryOutputWasChecked();
    }

    private static void Linear(CaseRun run)
    {
        (int rows, int inner, int outer) = (run.Size("rows"), run.Size("in"), run.Size("out"));
        MatrixView x = run.Input("x", rows, inner), weight = run.Input("weight", outer, inner), dY = run.Input("dY", rows, outer);
        MatrixView y = run.Empty(rows, outer), dX = run.Empty(rows, inner), dWeight = run.Empty(outer, inner), dBias = run.Empty(1, outer);
        IOperations operations = run.Operations;
        operations.MatMul(MatMulForm.NT, x, weight, y, run.Input("bias", 1, outer).Data, accumulate: false);
        operations.MatMul(MatMulForm.NN, dY, weight, dX, default, accumulate: false);
        operations.MatMul(MatMulForm.TN, dY, x, dWeight, default, accumulate: false);
        operations.ColumnSum(dY, dBias.Data, accumulate: false);
        run.AssertOutputs(("y", y), ("dX", dX), ("dWeight", dWeight), ("dBias", dBias));
    }

    private static void LayerNorm(CaseRun run)
    {
        (int rows, int columns) = (run.Size("rows"), run.Size("columns"));
        MatrixView x = run.Input("x", rows, columns), y = run.Empty(rows, columns), dX = run.Empty(rows, columns);
        MatrixView mean = run.Empty(rows, 1), rstd = run.Empty(rows, 1), dGamma = run.Empty(1, columns), dBeta = run.Empty(1, columns);
        View gamma = run.Input("gamma", 1, columns).Data;
        run.Operations.LayerNormForward(x, gamma, run.Input("beta", 1, columns).Data, y, mean.Data, rstd.Data);
        run.Operations.LayerNormBackward(
            run.Input("dY", rows, columns), x, gamma, mean.Data, rstd.Data, dX, accumulate: false, dGamma.Data, dBeta.Data,
            accumulateParameters: false);
        run.AssertOutputs(("y", y), ("mean", mean), ("rstd", rstd), ("dX", dX), ("dGamma", dGamma), ("dBeta", dBeta));
    }

    private static void Gelu(CaseRun run)
    {
        (int rows, int columns) = (run.Size("rows"), run.Size("columns"));
        MatrixView x = run.Input("x", rows, columns), y = run.Empty(rows, columns), dX = run.Empty(rows, columns);
        run.Operations.GeluForward(x, y);
        run.Operations.GeluBackward(run.Input("dY", rows, columns), x, dX, accumulate: false);
        run.AssertOutputs(("y", y), ("dX", dX));
    }

    private static void Attention(CaseRun run)
    {
        var shape = new AttentionShape(run.Size("batch"), run.Size("heads"), run.Size("query_length"), run.Size("key_length"));
        int width = shape.Heads * run.Size("head_dim");
        (int queries, int keys) = (shape.Batch * shape.QueryLength, shape.Batch * shape.KeyLength);
        MatrixView query = run.Input("query", queries, width), key = run.Input("key", keys, width), value = run.Input("value", keys, width);
        MatrixView y = run.Empty(queries, width), dQuery = run.Empty(queries, width), dKey = run.Empty(keys, width), dValue = run.Empty(keys, width);
        MatrixView probabilities = run.Empty(1, (int)shape.Probabilities);
        run.Operations.AttentionForward(shape, query, key, value, y, probabilities.Data, Dropout.None);
        run.Operations.AttentionBackward(
            shape, run.Input("dY", queries, width), query, key, value, probabilities.Data, dQuery, accumulateQuery: false, dKey, dValue,
            accumulateKeyValue: false, Dropout.None);
        run.AssertOutputs(("y", y), ("probabilities", probabilities), ("dQuery", dQuery), ("dKey", dKey), ("dValue", dValue));
    }

    /// <summary>The packed projections of nn.MultiheadAttention: q from x; k and v from the memory, or from x.</summary>
    private static void MultiheadAttention(CaseRun run)
    {
        (int batch, int length, int heads, int width) = (run.Size("batch"), run.Size("length"), run.Size("heads"), run.Size("width"));
        int rows = batch * length;
        var shape = new AttentionShape(batch, heads, length, length);
        bool cross = run.HasInput("memory");
        MatrixView x = run.Input("x", rows, width), memory = cross ? run.Input("memory", rows, width) : x;
        MatrixView inWeight = run.Input("inProjWeight", 3 * width, width), outWeight = run.Input("outProjWeight", width, width);
        View inBias = run.Input("inProjBias", 1, 3 * width).Data, outBias = run.Input("outProjBias", 1, width).Data;
        MatrixView packed = run.Empty(rows, 3 * width), attended = run.Empty(rows, width), y = run.Empty(rows, width);
        View probabilities = run.Empty(1, (int)shape.Probabilities).Data;
        MatrixView query = packed.SliceColumns(0, width), keyValue = packed.SliceColumns(width, 2 * width);
        MatrixView queryWeight = inWeight.SliceRows(0, width), keyValueWeight = inWeight.SliceRows(width, 2 * width);

        IOperations operations = run.Operations;
        operations.MatMul(MatMulForm.NT, x, queryWeight, query, inBias.Slice(0, width), accumulate: false);
        operations.MatMul(MatMulForm.NT, memory, keyValueWeight, keyValue, inBias.Slice(width, 2 * width), accumulate: false);
        MatrixView key = keyValue.SliceColumns(0, width), value = keyValue.SliceColumns(width, width);
        operations.AttentionForward(shape, query, key, value, attended, probabilities, Dropout.None);
        operations.MatMul(MatMulForm.NT, attended, outWeight, y, outBias, accumulate: false);

        MatrixView dY = run.Input("dY", rows, width), dAttended = run.Empty(rows, width), dPacked = run.Empty(rows, 3 * width);
        MatrixView dQuery = dPacked.SliceColumns(0, width), dKeyValue = dPacked.SliceColumns(width, 2 * width);
        MatrixView dX = run.Empty(rows, width), dMemory = cross ? run.Empty(rows, width) : dX;
        MatrixView dInWeight = run.Empty(3 * width, width), dInBias = run.Empty(1, 3 * width);
        MatrixView dOutWeight = run.Empty(width, width), dOutBias = run.Empty(1, width);
        operations.MatMul(MatMulForm.NN, dY, outWeight, dAttended, default, accumulate: false);
        operations.MatMul(MatMulForm.TN, dY, attended, dOutWeight, default, accumulate: false);
        operations.ColumnSum(dY, dOutBias.Data, accumulate: false);
        operations.AttentionBackward(
            shape, dAttended, query, key, value, probabilities, dQuery, accumulateQuery: false, dKeyValue.SliceColumns(0, width),
            dKeyValue.SliceColumns(width, width), accumulateKeyValue: false, Dropout.None);
        operations.MatMul(MatMulForm.NN, dQuery, queryWeight, dX, default, accumulate: false);
        operations.MatMul(MatMulForm.NN, dKeyValue, keyValueWeight, dMemory, default, accumulate: !cross);
        operations.MatMul(MatMulForm.TN, dQuery, x, dInWeight.SliceRows(0, width), default, accumulate: false);
        operations.MatMul(MatMulForm.TN, dKeyValue, memory, dInWeight.SliceRows(width, 2 * width), default, accumulate: false);
        operations.ColumnSum(dPacked, dInBias.Data, accumulate: false);
        run.AssertOutputs(
            ("y", y), ("dX", dX), ("dInProjWeight", dInWeight), ("dInProjBias", dInBias), ("dOutProjWeight", dOutWeight), ("dOutProjBias", dOutBias));
        if (cross) run.AssertOutputs(("dMemory", dMemory));
    }

    private static void AdamW(CaseRun run)
    {
        (int count, int steps) = (run.Size("count"), run.Size("steps"));
        View parameters = run.Input("parameters", 1, count).Data;
        MatrixView gradients = run.Input("gradients", steps, count);
        View first = run.Empty(1, count).Data, second = run.Empty(1, count).Data, norm = run.Empty(1, 1).Data;
        for (int step = 0; step < steps; step++)
        {
            View gradient = gradients.SliceRows(step, 1).Data;
            run.Operations.GradientNorm(gradient, norm);
            run.Operations.AdamW(parameters, gradient, first, second, norm, new AdamWSettings
            {
                LearningRate = run.Setting("lr"),
                Step = step + 1,
                Beta1 = run.Setting("beta1"),
                Beta2 = run.Setting("beta2"),
                Epsilon = run.Setting("epsilon"),
                WeightDecay = run.Setting("weight_decay"),
                MaxGradientNorm = run.Setting("max_norm"),
            });
            run.AssertOutput("norms", norm, step);
            run.AssertOutput("parameters", parameters, step * count);
            run.AssertOutput("firstMoments", first, step * count);
            run.AssertOutput("secondMoments", second, step * count);
        }
    }

    /// <summary>One step of a layer: its products, and between them the cell. At the first step there is no state and no gradient of its part.</summary>
    private static void LstmCell(CaseRun run)
    {
        (int rows, int inner, int width) = (run.Size("rows"), run.Size("in"), run.Size("width"));
        bool isFirst = !run.HasInput("hidden");
        MatrixView x = run.Input("x", rows, inner), weightIh = run.Input("weightIh", 4 * width, inner), weightHh = run.Input("weightHh", 4 * width, width);
        MatrixView hidden = isFirst ? run.Empty(rows, width) : run.Input("hidden", rows, width);
        MatrixView before = isFirst ? default : run.Input("cell", rows, width), recurrent = isFirst ? default : run.Empty(rows, 4 * width);
        MatrixView gates = run.Empty(rows, 4 * width), nextCell = run.Empty(rows, width), nextHidden = run.Empty(rows, width);
        IOperations operations = run.Operations;
        operations.MatMul(MatMulForm.NT, x, weightIh, gates, run.Input("biasIh", 1, 4 * width).Data, accumulate: false);
        if (!isFirst) operations.MatMul(MatMulForm.NT, hidden, weightHh, recurrent, default, accumulate: false);
        operations.LstmCellForward(gates, recurrent, run.Input("biasHh", 1, 4 * width).Data, before, nextCell, nextHidden);
        run.AssertOutputs(("nextHidden", nextHidden), ("nextCell", nextCell));

        // The gradient of the new state arrives in two parts, as from a layer above and from the next step.
        MatrixView dCell = run.Input("dNextCell", rows, width), nothing = run.Empty(rows, width);
        operations.LstmCellBackward(nothing, run.Input("dNextHidden", rows, width), gates, nextCell, before, dCell);
        AssertProducts(run, x, hidden, weightIh, gates, gates);
        if (isFirst) return;
        MatrixView dHidden = run.Empty(rows, width);
        operations.MatMul(MatMulForm.NN, gates, weightHh, dHidden, default, accumulate: false);
        run.AssertOutputs(("dHidden", dHidden), ("dCell", dCell));
    }

    private static void GruCell(CaseRun run)
    {
        (int rows, int inner, int width) = (run.Size("rows"), run.Size("in"), run.Size("width"));
        bool isFirst = !run.HasInput("hidden");
        MatrixView x = run.Input("x", rows, inner), weightIh = run.Input("weightIh", 3 * width, inner), weightHh = run.Input("weightHh", 3 * width, width);
        MatrixView before = isFirst ? default : run.Input("hidden", rows, width);
        MatrixView gates = run.Empty(rows, 3 * width), recurrent = run.Empty(rows, 3 * width), nextHidden = run.Empty(rows, width);
        IOperations operations = run.Operations;
        operations.MatMul(MatMulForm.NT, x, weightIh, gates, run.Input("biasIh", 1, 3 * width).Data, accumulate: false);
        if (!isFirst) operations.MatMul(MatMulForm.NT, before, weightHh, recurrent, default, accumulate: false);
        operations.GruCellForward(gates, recurrent, run.Input("biasHh", 1, 3 * width).Data, before, nextHidden);
        run.AssertOutputs(("nextHidden", nextHidden));

        MatrixView dState = run.Empty(rows, width);
        operations.GruCellBackward(run.Input("dNextHidden", rows, width), gates, recurrent, before, dState, isLast: true);
        AssertProducts(run, x, isFirst ? run.Empty(rows, width) : before, weightIh, gates, recurrent);
        if (isFirst) return;
        operations.MatMul(MatMulForm.NN, recurrent, weightHh, dState, default, accumulate: true);
        run.AssertOutputs(("dHidden", dState));
    }

    /// <summary>The gradients that are products with those of the gates' arguments.</summary>
    private static void AssertProducts(CaseRun run, MatrixView x, MatrixView hidden, MatrixView weightIh, MatrixView dInput, MatrixView dRecurrent)
    {
        MatrixView dX = run.Empty(x.Rows, x.Columns), dWeightIh = run.Empty(weightIh.Rows, x.Columns), dWeightHh = run.Empty(weightIh.Rows, hidden.Columns);
        MatrixView dBiasIh = run.Empty(1, weightIh.Rows), dBiasHh = run.Empty(1, weightIh.Rows);
        run.Operations.MatMul(MatMulForm.NN, dInput, weightIh, dX, default, accumulate: false);
        run.Operations.LinearWeightGradient(dInput, x, dWeightIh, accumulateWeight: false, dBiasIh.Data, accumulateBias: false);
        run.Operations.LinearWeightGradient(dRecurrent, hidden, dWeightHh, accumulateWeight: false, dBiasHh.Data, accumulateBias: false);
        run.AssertOutputs(("dX", dX), ("dWeightIh", dWeightIh), ("dBiasIh", dBiasIh), ("dWeightHh", dWeightHh), ("dBiasHh", dBiasHh));
    }

    private static void SlotMixture(CaseRun run)
    {
        (int batch, int slots, int width, int columns) = (run.Size("batch"), run.Size("slots"), run.Size("width"), run.Size("columns"));
        MatrixView query = run.Input("query", batch, width), key = run.Input("key", batch * slots, width), value = run.Input("value", batch * slots, columns);
        MatrixView weights = run.Empty(batch, slots), y = run.Empty(batch, columns), mean = run.Empty(batch, columns);
        MatrixView dQuery = run.Empty(batch, width), dKey = run.Empty(batch * slots, width);
        run.Operations.SlotMean(value, mean);
        run.Operations.SlotMixtureForward(query, key, value, weights, y);
        run.Operations.SlotMixtureBackward(
            run.Input("dY", batch, columns), query, key, value, weights, dQuery, accumulateQuery: false, dKey, accumulateKey: false);
        run.AssertOutputs(("y", y), ("weights", weights), ("mean", mean), ("dQuery", dQuery), ("dKey", dKey));
    }

    private static JsonElement[] Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "operation_cases.json"));
        return JsonSerializer.Deserialize<JsonElement[]>(file)!;
    }

    /// <summary>One case on a Reference device of its own.</summary>
    private sealed class CaseRun(JsonElement description) : IDisposable
    {
        /// <summary>Both sides compute in double; what is left is the ten digits of the file. The bar of the project is 1e-6.</summary>
        private const double Tolerance = 1e-9;

        private readonly ReferenceDevice _device = new();
        private readonly HashSet<string> _checked = [];

        public string Operation => description.GetProperty("operation").GetString()!;

        public IOperations Operations => _device.Operations;

        public int Size(string name) => description.GetProperty("shape").GetProperty(name).GetInt32();

        public double Setting(string name) => description.GetProperty(name).GetDouble();

        public bool HasInput(string name) => description.GetProperty("inputs").TryGetProperty(name, out _);

        public MatrixView Input(string name, int rows, int columns)
        {
            MatrixView input = Empty(rows, columns);
            _device.Upload(Numbers("inputs", name).AsSpan(), input.Data);
            return input;
        }

        public MatrixView Empty(int rows, int columns) => _device.Allocate((long)rows * columns).All.AsMatrix(rows, columns);

        public void AssertOutputs(params (string Name, MatrixView Actual)[] outputs)
        {
            foreach ((string name, MatrixView actual) in outputs)
            {
                Assert.Equal(Numbers("outputs", name).Length, actual.Data.Length);
                AssertOutput(name, actual.Data, 0);
            }
        }

        /// <summary>Compares with the numbers from <paramref name="start"/> on, relative to the largest of them.</summary>
        public void AssertOutput(string name, View actual, int start)
        {
            double[] expected = Numbers("outputs", name).AsSpan(start, (int)actual.Length).ToArray();
            double[] values = new double[actual.Length];
            _device.Download(actual, values.AsSpan());
            double largest = expected.Max(Math.Abs);
            for (int i = 0; i < values.Length; i++)
            {
                bool near = Math.Abs(values[i] - expected[i]) <= Tolerance * largest;
                Assert.True(near, $"{name}[{start + i}]: {values[i]:R}, PyTorch {expected[i]:R}.");
            }

            _checked.Add(name);
        }

        public void AssertEveryOutputWasChecked() =>
            Assert.Equal(description.GetProperty("outputs").EnumerateObject().Select(o => o.Name).Order(), _checked.Order());

        public void Dispose() => _device.Dispose();

        private double[] Numbers(string group, string name) => description.GetProperty(group).GetProperty(name).Deserialize<double[]>()!;
    }
}
