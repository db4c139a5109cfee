import test from "ava";
import { deploys } from "../examples.js";

deploys(test, "shared-nfs");
