using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

// One query per sample needs no keys and values. With u_h = W_k,hᵀ·q_h the score q_h·(W_k,h·x_j + b_k,h) is u_h·x_j and a number that all keys
// share, which softmax does not see; with m_h = Σⱼ p_j·x_j the output Σⱼ p_j·(W_v,h·x_j + b_v,h) is W_v,h·m_h + (Σⱼ p_j)·b_v,h. So a sample takes
// 2·d·in multiplications instead of 2·T·d·in ("absorption": DeepSeek-V2, 2024, section 2.1.2).
internal sealed unsafe partial class HostOperations
{
    public void ProjectedAttentionForward(
        ProjectedAttentionShape shape, MatrixView query, MatrixView x, MatrixView weight, View bias, MatrixView output, View probabilities,
        View workspace, Dropout dropout)
    {
        var heads = new AbsorbedHeads(shape, query.Columns, x.Columns, workspace);
        long scratch = BlockOf(heads.Attention) + PaddingOf(x.Columns, shape.Heads + 2L * shape.KeyLength);
        MatMulPerHead(MatMulForm.NN, heads.PartOf(query), heads.KeyWeightOf(weight), heads.RowsOf(heads.Absorbed), accumulate: false);
        Run(
            new AttentionForwardKernel
            {
                Shape = heads.Attention,
                Width = x.Columns,
                Query = new HeadRows(heads.Absorbed),
                Key = new HeadRows(x),
                Value = new HeadRows(x),
                Output = new HeadRows(heads.Mixed),
                Probabilities = Pointer(probabilities),
                Mass = Pointer(heads.Mass),
                Dropout = new DropoutLanes(dropout),
                Scale = ScoreScale(heads.Width),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            2L * shape.Heads * x.Rows * x.Columns);
        Run(
            new ValueBiasKernel
            {
                Heads = shape.Heads,
                Width = heads.Width,
                Rows = output.Rows,
                Bias = Pointer(bias) + output.Columns,
                Mass = Pointer(heads.Mass),
                Output = new HeadRows(output),
            },
            (long)output.Rows * output.Columns);
        MatMulPerHead(MatMulForm.NT, heads.RowsOf(heads.Mixed), heads.ValueWeightOf(weight), heads.PartOf(output), accumulate: true);
    }

    public void ProjectedAttentionBackward(
        ProjectedAttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView x, MatrixView weight, View bias, View probabilities,
        View workspace, MatrixView dQuery, bool accumulateQuery, MatrixView dX, bool accumulateX, MatrixView dWeight, bool accumulateWeight,
        View dBias, bool accumulateBias, Dropout dropout)
    {
        var heads = new AbsorbedHeads(shape, query.Columns, x.Columns, workspace);
        long scratch = 2 * BlockOf(heads.Attention) + PaddingOf(x.Columns, 2L * (shape.Heads + shape.KeyLength));
        MatMulPerHead(MatMulForm.TN, heads.PartOf(dOutput), heads.RowsOf(heads.Mixed), heads.ValueWeightOf(dWeight), accumulateWeight);
        MatMulPerHead(MatMulForm.NN, heads.PartOf(dOutput), heads.ValueWeightOf(weight), heads.RowsOf(heads.Gradient), accumulate: false);
        Run(
            new ValueBiasGradientKernel
            {
                Heads = shape.Heads,
                Width = heads.Width,
                Rows = dOutput.Rows,
                Bias = Pointer(bias) + dOutput.Columns,
                Mass = Pointer(heads.Mass),
                DOutput = new HeadRows(dOutput),
                DMass = Pointer(heads.DMass),
                DBias = Pointer(dBias),
                Accumulate = accumulateBias,
            },
            (long)dOutput.Rows * dOutput.Columns);
        Run(
            new AttentionBackwardKernel
            {
                Shape = heads.Attention,
                Width = x.Columns,
                DOutput = new HeadRows(heads.Gradient),
                Query = new HeadRows(heads.Absorbed),
                Key = new HeadRows(x),
                Value = new HeadRows(x),
                Probabilities = Pointer(probabilities),
                DMass = Pointer(heads.DMass),
                DQuery = new HeadRows(heads.Gradient),
                DKey = new HeadRows(dX),
                AccumulateKey = accumulateX,
                DValue = new HeadRows(dX),
                AccumulateValue = true,
                Dropout = new DropoutLanes(dropout),
                Scale = ScoreScale(heads.Width),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            4L * shape.Heads * x.Rows * x.Columns);
        MatMulPerHead(MatMulForm.NT, heads.RowsOf(heads.Gradient), heads.KeyWeightOf(weight), heads.PartOf(dQuery), accumulateQuery);
        MatMulPerHead(MatMulForm.TN, heads.PartOf(query), heads.RowsOf(heads.Gradient), heads.KeyWeightOf(dWeight), accumulateWeight);
    }

    /// <summary>output[b,h] = mass[b,h]·b_v,h: what the products add to.</summary>
    private struct ValueBiasKernel : IHostKernel
    {
        public long Heads, Width, Rows;
        public float* Bias, Mass;
        public HeadRows Output;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long heads = Heads, width = Width;
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long b = rows.Start; b < rows.End; b++)
            {
                for (long h = 0; h < heads; h++)
                {
                    float* bias = Bias + h * width, output = Output[b] + h * width;
                    float mass = Mass[b * heads + h];
                    long c = 0;
                    for (; c + 16 <= width; c += 16)
                        L.Store(L.Create(mass) * L.Load(bias + c), output + c);
                    for (; c < width; c++)
                        output[c] = mass * bias[c];
                }
            }
        }
    }

    /// <summary>dMass[b,h] = dOutput[b,h]·b_v,h; dBias_v,h (+)= Σ_b mass[b,h]·dOutput[b,h]; dBias_k is 0. Each worker has its heads.</summary>
    private struct ValueBiasGradientKernel : IHostKernel
    {
        public long Heads, Width, Rows;
        public float* Bias, Mass, DMass, DBias;
        public HeadRows DOutput;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width;
            Partition heads = Partition.Of(Heads, worker, workers);
            for (long h = heads.Start; h < heads.End; h++)
            {
                float* dKey = DBias + h * width, dValue = dKey + Heads * width;
                for (long c = 0; c < width && !Accumulate; c++)
                    dKey[c] = dValue[c] = 0;
                for (long b = 0; b < Rows; b++)
                    DMass[b * Heads + h] = Row<L>(DOutput[b] + h * width, Bias + h * width, Mass[b * Heads + h], dValue, width);
            }
        }

        /// <summary>sum += mass·dOutput; returns dOutput·bias.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Row<L>(float* dOutput, float* bias, float mass, float* sum, long width)
            where L : unmanaged, ILanes16<L>
        {
            L products = default;
            long c = 0;
            for (; c + 16 <= width; c += 16)
            {
                L gradient = L.Load(dOutput + c);
                L.Store(L.Fma(L.Create(mass), gradient, L.Load(sum + c)), sum + c);
                products = L.Fma(gradient, L.Load(bias + c), products);
            }

            float product = L.Sum(products);
            for (; c < width; c++)
            {
                sum[c] += mass * dOutput[c];
                product += dOutput[c] * bias[c];
            }

            return product;
        }
    }
}
