extension JobGraph {
    /// Refuses what the configuration asks of a run, and no run can give.
    func checkRunnable() throws(ValidationError) {
        _ = try StateBackendSettings(configuration)
        let key = "execution.checkpointing.interval"
        // In batch mode Flink takes no checkpoints, whatever is set.
        if !isBatch, let text = configuration[key], try configuration.milliseconds(key) != 0 {
            throw ValidationError(
                "Checkpoints are not supported yet, and the job asks for them: '\(key)' is "
                    + "'\(text)'. Without the interval (enable_checkpointing) the job runs; what it "
                    + "keeps is lost if it fails.")
        }
    }
}
