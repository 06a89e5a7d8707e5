namespace P6bNative.Model;

/// <summary>Sinusoidal positions (Vaswani et al. 2017): pe[p,2i] = sin(p·wᵢ), pe[p,2i+1] = cos(p·wᵢ), wᵢ = 10000^(−2i/d).</summary>
public static class Positions
{
    /// <summary>Positions in the buffer <see cref="BufferName"/> of a weights file.</summary>
    public const int TableLength = 100;

    /// <summary>Name of the table in a weights file, shape (1, 100, d_model); not trained.</summary>
    public const string BufferName = "pos_encoder.pe";

    /// <summary>The first rows of the table, row by row.</summary>
    public static double[] Table(int rows, int modelDimension)
    {
        var table = new double[rows * modelDimension];
        for (int position = 0; position < rows; position++)
        {
            for (int i = 0; i < modelDimension; i += 2)
            {
                double angle = position * Math.Exp(-i * Math.Log(10000) / modelDimension);
                table[position * modelDimension + i] = Math.Sin(angle);
                table[position * modelDimension + i + 1] = Math.Cos(angle);
            }
        }

        return table;
    }
}
